/*
 * install_run.c
 *		Run one SQL file of the platform, statement by statement.
 */
#include "compat.h"

#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "tcop/tcopprot.h"

#include "core/install.h"

/* Where the run stands, for the error context. */
typedef struct RunPlace
{
	const char *module;
	const char *file;
	const char *content;
	int			line;			/* of the statement; 0 while the file is parsed */
	int			statement;
} RunPlace;

/* Return the number of the line that holds a byte offset, from 1. */
static int
line_of(const char *content, int offset)
{
	int			line = 1;

	for (int i = 0; i < offset && content[i]; i++)
	{
		if (content[i] == '\n')
			line++;
	}
	return line;
}

/* Name file, line and statement in every error. */
static void
run_context(void *arg)
{
	RunPlace   *place = arg;

	if (place->line == 0)
	{
		int			position = geterrposition();

		if (position > 0)
		{
			int			offset = pg_mbcharcliplen(place->content, strlen(place->content),
												  position - 1);

			errposition(0);
			errcontext("platform file \"%s/%s\", line %d",
					   place->module, place->file, line_of(place->content, offset));
			return;
		}
		errcontext("platform file \"%s/%s\"", place->module, place->file);
	}
	else
		errcontext("platform file \"%s/%s\", line %d, statement %d",
				   place->module, place->file, place->line, place->statement);
}

/* Return the first byte of a statement behind white space and comments. */
static int
skip_blank(const char *text, int offset, int end)
{
	while (offset < end)
	{
		if (strchr(" \t\r\n", text[offset]))
			offset++;
		else if (text[offset] == '-' && text[offset + 1] == '-')
		{
			while (offset < end && text[offset] != '\n')
				offset++;
		}
		else
			break;
	}
	return offset;
}

/* Refuse what a platform file must not hold; the server would only half notice. */
static void
check_statement(RawStmt *raw)
{
	const char *what = NULL;

	if (IsA(raw->stmt, TransactionStmt))
		what = "transaction commands";
	else if (IsA(raw->stmt, CopyStmt))
		what = "COPY";
	else if (IsA(raw->stmt, VacuumStmt))
		what = "VACUUM and ANALYZE";
	else if (IsA(raw->stmt, IndexStmt) && ((IndexStmt *) raw->stmt)->concurrent)
		what = "CONCURRENTLY";
	if (what)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("%s cannot stand in a platform file", what),
				 errdetail("The files of a module run in one transaction.")));
}

/* Run a file's statements; return their number.  SPI must be connected. */
int
community_file_run(const char *module, const char *file, const char *content)
{
	ErrorContextCallback callback;
	RunPlace	place = {module, file, content, 0, 0};
	List	   *statements;
	ListCell   *lc;

	callback.callback = run_context;
	callback.arg = &place;
	callback.previous = error_context_stack;
	error_context_stack = &callback;

	statements = pg_parse_query(content);
	foreach(lc, statements)
	{
		RawStmt    *raw = lfirst_node(RawStmt, lc);
		int			length = raw->stmt_len ? raw->stmt_len : (int) strlen(content) - raw->stmt_location;
		int			begin = skip_blank(content, raw->stmt_location, raw->stmt_location + length);
		char	   *text = pnstrdup(content + begin, raw->stmt_location + length - begin);
		int			result;

		CHECK_FOR_INTERRUPTS();
		place.line = line_of(content, begin);
		place.statement++;
		check_statement(raw);
		result = SPI_execute(text, false, 0);
		if (result < 0)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("statement cannot stand in a platform file: %s",
							SPI_result_code_string(result))));
		if (SPI_tuptable)
			SPI_freetuptable(SPI_tuptable);
		pfree(text);
	}
	error_context_stack = callback.previous;
	return place.statement;
}
