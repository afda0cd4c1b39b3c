/*
 * datum_core.h
 *		The obfuscated datums of Chinese map services: pure part.
 */
#ifndef COMMUNITY_GRID_DATUM_CORE_H
#define COMMUNITY_GRID_DATUM_CORE_H

#include <stdbool.h>

typedef void (*DatumShift) (double *lon, double *lat);

extern void community_datum_wgs_to_gcj(double *lon, double *lat);
extern void community_datum_gcj_to_wgs(double *lon, double *lat);
extern void community_datum_wgs_to_bd(double *lon, double *lat);
extern void community_datum_bd_to_wgs(double *lon, double *lat);

#endif							/* COMMUNITY_GRID_DATUM_CORE_H */
