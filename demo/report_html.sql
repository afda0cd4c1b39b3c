-- The report as one self-contained HTML file, made in SQL.
--
-- Every text that comes from data passes demo.esc().  No script, no outside
-- resource: shapes are SVG, labels are HTML, so that text keeps its size when
-- the shapes shrink to a phone's width.  What is drawn comes from the demo.v_*
-- views (views.sql), which read rollups, indicators and sealed reports.

-- Text made safe for element content and for attributes in quotes.
CREATE OR REPLACE FUNCTION demo.esc(p_text text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN replace(replace(replace(replace(replace(coalesce(p_text, ''),
        '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), '"', '&quot;'), '''', '&#39;');

-- A count with thousands separated; a dash for none.
CREATE OR REPLACE FUNCTION demo.num(p_n bigint) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce(to_char(p_n, 'FM999,999,999,990'), '–');

-- A share as per cent with one decimal; a dash when the denominator is 0.
CREATE OR REPLACE FUNCTION demo.pct(p_a numeric, p_b numeric) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce(to_char(100 * p_a / nullif(p_b, 0), 'FM990.0') || ' %', '–');

-- A short bar beside a share.
CREATE OR REPLACE FUNCTION demo.html_bar(p_a numeric, p_b numeric) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN p_b > 0 THEN
        format('<span class="bar"><i style="width:%s%%"></i></span>', to_char(100 * least(p_a / p_b, 1), 'FM990.0')) ELSE '' END;

-- The upper class bounds of a heat map: distinct counts near the 20th, 40th,
-- 60th, 80th and 95th percentile of the grids that have cases.
CREATE OR REPLACE FUNCTION demo.heat_breaks(p_source text) RETURNS bigint[]
    LANGUAGE sql STABLE
    RETURN (SELECT array_agg(DISTINCT b + 1 ORDER BY b + 1)
              FROM unnest((SELECT percentile_disc(ARRAY[0.2, 0.4, 0.6, 0.8, 0.95]) WITHIN GROUP (ORDER BY reported)
                             FROM demo.v_grid WHERE source = p_source AND reported > 0)) AS b);

-- The heat map: one path to a grid, its tool-tip inside.  p_box narrows it to
-- what meets a rectangle (lon, lat, lon, lat).
CREATE OR REPLACE FUNCTION demo.html_map(p_source text, p_label text, p_box float8[] DEFAULT NULL) RETURNS text
    LANGUAGE plpgsql STABLE AS
$$
DECLARE
    v_breaks    bigint[] := demo.heat_breaks(p_source);
    v_box       public.geometry;
    v_scale     float8;
    v_squeeze   float8;
    v_paths     text;
BEGIN
    IF p_box IS NULL THEN
        SELECT ST_SetSRID(ST_Extent(geom)::public.geometry, 4326) INTO v_box FROM demo.v_grid WHERE source = p_source;
    ELSE
        v_box := ST_MakeEnvelope(p_box[1], p_box[2], p_box[3], p_box[4], 4326);
    END IF;
    IF v_box IS NULL THEN
        RETURN '<p>No grid is loaded. 没有网格。</p>';
    END IF;
    -- a degree of longitude is shorter than one of latitude
    v_squeeze := cos(radians((ST_YMin(v_box) + ST_YMax(v_box)) / 2));
    v_scale := 1000 / ((ST_XMax(v_box) - ST_XMin(v_box)) * v_squeeze);
    SELECT string_agg(format('<path class="q%s" d="%s"><title>%s</title></path>',
               CASE WHEN reported = 0 THEN 0 ELSE 1 + width_bucket(reported, v_breaks) END,
               ST_AsSVG(ST_SnapToGrid(ST_TransScale(geom, -ST_XMin(v_box), -ST_YMax(v_box),
                                                    v_squeeze * v_scale, v_scale), 0.1), 1, 1),
               demo.esc(format(E'%s %s\n案件 reported %s\n办结 closed %s\n按期 on time %s / %s',
                               name, code, reported, closed, on_time, judged))), E'\n' ORDER BY code)
      INTO v_paths
      FROM demo.v_grid
     WHERE source = p_source AND ST_Intersects(geom, v_box)
       AND NOT ST_IsEmpty(ST_SnapToGrid(ST_TransScale(geom, -ST_XMin(v_box), -ST_YMax(v_box),
                                                      v_squeeze * v_scale, v_scale), 0.1));
    RETURN format(E'<svg class="map" viewBox="0 0 1000 %s" role="img" aria-label="%s">\n%s\n</svg>',
        round((ST_YMax(v_box) - ST_YMin(v_box)) * v_scale), demo.esc(p_label), v_paths);
END
$$;

-- The legend of the heat map.
CREATE OR REPLACE FUNCTION demo.html_legend(p_source text) RETURNS text
    LANGUAGE sql STABLE AS
$$
    SELECT '<div class="legend"><span class="lt">案件数 cases per grid</span><span><i class="q0"></i>0</span>'
           || coalesce(string_agg(format('<span><i class="q%s"></i>%s</span>', n,
                CASE WHEN hi IS NULL THEN lo || '+' WHEN hi = lo THEN lo::text ELSE lo || '–' || hi END), '' ORDER BY n), '')
           || '</div>'
      FROM (SELECT n, CASE n WHEN 1 THEN 1 ELSE b[n - 1] END AS lo, b[n] - 1 AS hi
              FROM (SELECT demo.heat_breaks(p_source) AS b) AS x,
                   generate_series(1, coalesce(cardinality(b), 0) + 1) AS n) AS c
     WHERE hi IS NULL OR hi >= lo
$$;

-- A round number at or above the greatest value of an axis.
CREATE OR REPLACE FUNCTION demo.axis_top(p_max numeric) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$
    SELECT (min(s) * 4)::bigint
      FROM (SELECT m * 10 ^ e AS s FROM unnest(ARRAY[1, 2, 2.5, 5]) AS m, generate_series(0, 9) AS e) AS step
     WHERE s * 4 >= greatest(p_max, 4) AND s = trunc(s)
$$;

-- The frame of a plot: horizontal lines with their labels, the shapes, and
-- labels below placed at shares of the width.
CREATE OR REPLACE FUNCTION demo.html_plot(p_label text, p_top bigint, p_shapes text, p_ticks text[], p_at numeric[])
    RETURNS text
    LANGUAGE sql STABLE AS
$$
    SELECT '<div class="plot" role="img" aria-label="' || demo.esc(p_label) || '"><div class="area">'
        || (SELECT string_agg(format('<span class="y" style="bottom:%s%%"><b>%s</b></span>', 25 * k, demo.num(p_top * k / 4)), '' ORDER BY k)
              FROM generate_series(0, 4) AS k)
        || '<svg viewBox="0 0 1000 100" preserveAspectRatio="none">' || p_shapes || '</svg></div><div class="x">'
        || (SELECT string_agg(format('<span style="left:%s%%">%s</span>', to_char(p_at[i], 'FM990.00'), demo.esc(p_ticks[i])), '' ORDER BY i)
              FROM generate_subscripts(p_ticks, 1) AS i)
        || '</div></div>'
$$;

-- The day curve: cases reported and closed on each local day.
CREATE OR REPLACE FUNCTION demo.html_days(p_source text) RETURNS text
    LANGUAGE plpgsql STABLE AS
$$
DECLARE
    v_n         int;
    v_top       bigint;
    v_in        text;
    v_out       text;
    v_dots      text;
    v_ticks     text[];
    v_at        numeric[];
    v_every     int;
BEGIN
    SELECT count(*), demo.axis_top(max(greatest(reported, closed))) INTO v_n, v_top
      FROM demo.v_day WHERE source = p_source;
    IF v_n = 0 THEN
        RETURN '';
    END IF;
    v_every := ceil(v_n / 6.0);
    WITH d AS (
        SELECT day, reported, closed, i,
               round(CASE WHEN v_n = 1 THEN 500 ELSE i * 1000.0 / (v_n - 1) END, 1) AS x,
               round(100 - reported * 100.0 / v_top, 2) AS y, round(100 - closed * 100.0 / v_top, 2) AS z
          FROM (SELECT *, row_number() OVER (ORDER BY day) - 1 AS i FROM demo.v_day WHERE source = p_source) AS r
    )
    SELECT string_agg(x || ',' || y, ' ' ORDER BY x), string_agg(x || ',' || z, ' ' ORDER BY x),
           string_agg(format('<rect class="hit" x="%s" y="0" width="%s" height="100"><title>%s</title></rect>',
               x - 500.0 / v_n, round(1000.0 / v_n, 1),
               demo.esc(format(E'%s\n上报 reported %s\n办结 closed %s', day, reported, closed))), '' ORDER BY x),
           array_agg(to_char(day, CASE WHEN v_n > 60 THEN 'YYYY-MM' ELSE 'MM-DD' END) ORDER BY x) FILTER (WHERE i % v_every = 0),
           array_agg(x / 10 ORDER BY x) FILTER (WHERE i % v_every = 0)
      INTO v_in, v_out, v_dots, v_ticks, v_at
      FROM d;
    RETURN demo.html_plot('每日案件 cases by day', v_top,
        format('<polygon class="fill" points="0,100 %s 1000,100"/><polyline class="in" points="%s"/><polyline class="out" points="%s"/>%s',
               v_in, v_in, v_out, v_dots), v_ticks, v_at)
        || '<div class="legend"><span><i class="lin"></i>上报 reported</span><span><i class="lout"></i>办结 closed</span></div>';
END
$$;

-- The daily rhythm: cases reported in each local hour.
CREATE OR REPLACE FUNCTION demo.html_hours(p_source text) RETURNS text
    LANGUAGE sql STABLE AS
$$
    SELECT demo.html_plot('时段分布 cases by hour of the day', max(top),
        string_agg(format('<rect class="col" x="%s" y="%s" width="32" height="%s"><title>%s</title></rect>',
            round(h.hour * 1000 / 24.0 + 5, 1), round(100 - 100.0 * n / top, 2), round(100.0 * n / top, 2),
            demo.esc(format(E'%s:00–%s:00\n上报 reported %s', h.hour, h.hour + 1, n))), '' ORDER BY h.hour),
        ARRAY['0', '6', '12', '18', '24'], ARRAY[0, 25, 50, 75, 100])
      FROM (SELECT g.hour, coalesce(v.reported, 0) AS n,
                   demo.axis_top(max(coalesce(v.reported, 0)) OVER ()) AS top
              FROM generate_series(0, 23) AS g (hour)
              LEFT JOIN demo.v_hour AS v ON v.source = p_source AND v.hour = g.hour) AS h
$$;

-- A table: head cells and rows already escaped; first column text, rest right.
CREATE OR REPLACE FUNCTION demo.html_table(p_head text[], p_rows text, p_class text DEFAULT '') RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN '<div class="scroll"><table class="' || p_class || '"><thead><tr>'
        || (SELECT string_agg('<th>' || h || '</th>', '' ORDER BY i) FROM unnest(p_head) WITH ORDINALITY AS u (h, i))
        || '</tr></thead><tbody>' || coalesce(p_rows, '') || '</tbody></table></div>';

-- One city's section.
CREATE OR REPLACE FUNCTION demo.html_city(p_source text) RETURNS text
    LANGUAGE plpgsql STABLE AS
$$
DECLARE
    c       demo.city;
    t       demo.v_total;
    s       demo.v_sealed;
    v_out   text;
BEGIN
    SELECT * INTO STRICT c FROM demo.city WHERE source = p_source;
    SELECT * INTO STRICT t FROM demo.v_total WHERE source = p_source;
    SELECT * INTO s FROM demo.v_sealed WHERE source = p_source;
    v_out := format('<section id="%s"><h2>%s <small>%s</small></h2><p class="lead">%s</p>',
        demo.esc(c.source), demo.esc(c.name_zh), demo.esc(c.name_en),
        demo.esc(format('%s — %s · %s', c.first_day, c.last_day, c.tz)));
    v_out := v_out || '<div class="tiles">'
        || (SELECT string_agg(format('<div><b>%s</b><span>%s</span><em>%s</em></div>', v, zh, en), '' ORDER BY i)
              FROM (VALUES
                (1, demo.num(t.cases), '案件', 'cases'),
                (2, demo.num(t.closed), '办结', 'closed'),
                (3, demo.pct(t.on_time, t.judged), '按期', 'on time, of ' || demo.num(t.judged) || ' closed with a deadline'),
                (4, demo.num(t.open), '在办', 'open at the end'),
                (5, demo.num(t.refused), '拒收', 'calls refused'),
                (6, demo.num(t.no_grid), '网格外', 'in no grid')) AS k (i, v, zh, en))
        || '</div>';
    v_out := v_out || '<div class="two"><div><figure><figcaption>网格热力图 <small>Cases by unit grid</small></figcaption>'
        || demo.html_map(p_source, '网格热力图 heat map of ' || c.name_en) || demo.html_legend(p_source)
        || '</figure>'
        || CASE WHEN c.inset IS NULL THEN '' ELSE
             '<figure><figcaption class="sub">' || demo.esc(c.inset_name) || '</figcaption>'
             || demo.html_map(p_source, c.inset_name, c.inset) || '</figure>' END
        || '</div><div><figure><figcaption>每日案件 <small>Cases by day</small></figcaption>' || demo.html_days(p_source)
        || '</figure><figure><figcaption>时段分布 <small>Reports by hour of the day, local time</small></figcaption>'
        || demo.html_hours(p_source) || '</figure>'
        || '<h3 class="tight">最忙网格 <small>Busiest grids</small></h3>' || demo.html_table(
            ARRAY['网格 grid', '案件 cases', '办结 closed', '按期 on time'],
            (SELECT string_agg(format('<tr><td>%s <small>%s</small></td><td>%s</td><td>%s</td><td>%s</td></tr>',
                        demo.esc(name), demo.esc(code), demo.num(reported), demo.num(closed), demo.pct(on_time, judged)), E'\n' ORDER BY i)
               FROM (SELECT *, row_number() OVER (ORDER BY reported DESC, code) AS i
                       FROM demo.v_grid WHERE source = p_source AND reported > 0) AS g WHERE i <= 8))
        || '</div></div>';
    v_out := v_out || '<h3>指标 <small>Indices</small></h3>' || demo.html_table(
        ARRAY['指标 index', '分子 numerator', '分母 denominator', '值 value', ''],
        (SELECT string_agg(format('<tr><td>%s <small>%s</small></td><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>',
                    demo.esc(name_zh), demo.esc(name_en), demo.num(numerator), demo.num(denominator),
                    demo.pct(numerator, denominator), demo.html_bar(numerator, denominator)), E'\n' ORDER BY ord)
           FROM demo.v_index WHERE source = p_source), 'idx');
    v_out := v_out || '<h3>案件类型 <small>Case types, the twelve most frequent</small></h3>' || demo.html_table(
        ARRAY['类型 type', '案件 cases', '办结 closed', '按期 on time', ''],
        (SELECT string_agg(format('<tr><td>%s <small>%s</small></td><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>',
                    demo.esc(name), demo.esc(name_en), demo.num(reported), demo.num(closed), demo.pct(on_time, judged), demo.html_bar(on_time, judged)), E'\n' ORDER BY i)
           FROM (SELECT *, row_number() OVER (ORDER BY reported DESC, name) AS i
                   FROM demo.v_type WHERE source = p_source) AS g WHERE i <= 12), 'idx')
        || '<p class="src">网格、类型与日期的办结按次计，重办后再结案的案件重复计入。'
        || 'By grid, type and day a case counts each time it is closed, so again after it was reopened.</p>';
    v_out := v_out || '<h3>拒收与更正 <small>Refused and corrected: nothing is dropped in silence</small></h3>'
        || '<div class="two">' || demo.html_table(ARRAY['拒收原因 refused because', '次数 calls'],
            coalesce((SELECT string_agg(format('<tr><td><code>%s</code> %s</td><td>%s</td></tr>', demo.esc(reason), demo.esc(example), demo.num(n)), E'\n' ORDER BY n DESC, reason)
                        FROM demo.v_refused WHERE source = p_source), '<tr><td>无 none</td><td>0</td></tr>'))
        || demo.html_table(ARRAY['规则 rule applied', '行数 rows'],
            coalesce((SELECT string_agg(format('<tr><td>%s <small>%s</small></td><td>%s</td></tr>', demo.esc(text_zh), demo.esc(text_en), demo.num(n)), E'\n' ORDER BY n DESC, rule)
                        FROM demo.v_noted WHERE source = p_source), '<tr><td>无 none</td><td>0</td></tr>'))
        || '</div>';
    v_out := v_out || format('<p class="seal">日报 %s 份已封存，并送入发往%s的发件箱。'
        || '<br>%s daily reports sealed and in the outbox to %s. <span>SHA-256 <code>%s</code></span></p>',
        demo.num(s.reports), demo.esc(s.peer_zh), demo.num(s.reports), demo.esc(s.peer), demo.esc(s.hash));
    RETURN v_out || '<p class="src">' || demo.esc(c.attribution) || '</p></section>';
END
$$;

-- The whole file.
CREATE OR REPLACE FUNCTION demo.report_html() RETURNS text
    LANGUAGE sql STABLE AS
$html$
SELECT $a$<!DOCTYPE html>
<html lang="zh">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>城市日报 City report</title>
<style>
:root{--bg:#f6f5f1;--card:#fff;--ink:#1d2630;--soft:#5d6875;--line:#dcdad2;--in:#0b6e75;--out:#c2571a;--fill:#0b6e7522;
--q0:#eceae4;--q1:#cfe6e2;--q2:#a3d0cc;--q3:#6fb3b3;--q4:#3c9199;--q5:#176f7c;--q6:#0a4a59;--edge:#fff}
@media(prefers-color-scheme:dark){:root{--bg:#12171c;--card:#1a2128;--ink:#e7ebee;--soft:#9aa7b2;--line:#2f3942;--in:#54c3c4;--out:#f0965a;--fill:#54c3c426;
--q0:#232c34;--q1:#1d4249;--q2:#1f5a62;--q3:#23777e;--q4:#36989b;--q5:#6cbdb9;--q6:#c3ebe2;--edge:#1a2128}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI","Noto Sans CJK SC","Noto Sans SC","PingFang SC","Microsoft YaHei",sans-serif}
main{max-width:1120px;margin:0 auto;padding:0 20px 40px}
header{padding:36px 0 12px}
h1{font-size:30px;line-height:1.2;margin:0;letter-spacing:-.01em}
h1 small,h2 small,h3 small,figcaption small{display:inline-block;font-weight:400;color:var(--soft);font-size:.62em;letter-spacing:0}
h2{font-size:25px;line-height:1.25;margin:0}
h3{font-size:17px;margin:28px 0 8px}
h3 small,figcaption small{font-size:.82em}
nav a{color:var(--in);margin-right:18px;text-decoration:none;border-bottom:1px solid}
p{margin:6px 0}
.lead,.src{color:var(--soft)}
.src{font-size:13px;margin-top:12px}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:24px;margin:24px 0}
.tiles{display:grid;grid-template-columns:repeat(6,1fr);border-top:1px solid var(--line);border-bottom:1px solid var(--line);margin:18px 0 22px}
.tiles div{padding:14px 14px 12px;border-left:1px solid var(--line)}
.tiles div:first-child{border-left:0;padding-left:0}
.tiles b{display:block;font-size:26px;line-height:1.1;font-variant-numeric:tabular-nums;font-weight:650}
.tiles span{display:block;font-size:14px;margin-top:4px}
.tiles em{display:block;font-style:normal;font-size:12.5px;line-height:1.35;color:var(--soft)}
.two{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:0 32px;align-items:start}
figure{margin:0 0 22px;min-width:0}
h3.tight{margin-top:0}
figcaption{font-weight:600;margin-bottom:8px}
figcaption.sub{font-weight:400;color:var(--soft);font-size:14px;margin:14px 0 6px}
svg.map{width:100%;height:auto;display:block;overflow:hidden}
svg.map path{stroke:var(--edge);stroke-width:.8;stroke-linejoin:round;vector-effect:non-scaling-stroke}
svg.map path:hover{stroke:var(--out);stroke-width:2}
.q0{fill:var(--q0);background:var(--q0)}.q1{fill:var(--q1);background:var(--q1)}.q2{fill:var(--q2);background:var(--q2)}.q3{fill:var(--q3);background:var(--q3)}
.q4{fill:var(--q4);background:var(--q4)}.q5{fill:var(--q5);background:var(--q5)}.q6{fill:var(--q6);background:var(--q6)}
.legend{display:flex;flex-wrap:wrap;gap:4px 14px;font-size:13px;color:var(--soft);margin-top:10px}
.legend span{display:inline-flex;align-items:center;gap:6px;white-space:nowrap}
.legend .lt{flex-basis:100%}
.legend i{width:16px;height:12px;border-radius:2px;display:inline-block}
.legend i.lin,.legend i.lout{height:3px;background:var(--in)}
.legend i.lout{background:var(--out)}
.plot{padding-left:44px;padding-right:12px}
.plot .area{position:relative;height:170px}
.plot svg{position:absolute;inset:0;width:100%;height:100%;overflow:visible}
.plot .y{position:absolute;left:0;right:0;border-top:1px solid var(--line);height:0}
.plot .y b{position:absolute;right:100%;margin-right:8px;top:-.75em;font-weight:400;font-size:12px;line-height:1.5;color:var(--soft);white-space:nowrap;font-variant-numeric:tabular-nums}
.plot .x{position:relative;height:24px;font-size:12px;color:var(--soft)}
.plot .x span{position:absolute;top:4px;transform:translateX(-50%);white-space:nowrap}
.fill{fill:var(--fill)}
.in,.out{fill:none;stroke:var(--in);stroke-width:2;vector-effect:non-scaling-stroke;stroke-linejoin:round}
.out{stroke:var(--out)}
.col{fill:var(--in)}.col:hover{fill:var(--out)}
.hit{fill:transparent}.hit:hover{fill:var(--fill)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
th{font-weight:500;color:var(--soft);font-size:12.5px;text-align:right;padding:4px 0 4px 12px;border-bottom:1px solid var(--ink);vertical-align:bottom}
td{text-align:right;padding:6px 0 6px 12px;border-bottom:1px solid var(--line);vertical-align:top;white-space:nowrap}
th:first-child,td:first-child{text-align:left;padding-left:0;white-space:normal}
td small{color:var(--soft);font-size:12.5px}
.idx td:last-child,.idx th:last-child{width:24%}
.bar{display:block;height:8px;margin-top:7px;background:var(--q0);border-radius:4px;overflow:hidden}
.bar i{display:block;height:100%;background:var(--in)}
code{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.seal{border-left:3px solid var(--in);padding-left:14px;margin-top:24px}
.seal span{color:var(--soft);display:block}
footer{color:var(--soft);font-size:13px}
@media(max-width:760px){main{padding:0 12px 24px}header{padding:22px 4px 4px}h1{font-size:24px}h2{font-size:21px}
section{padding:18px 14px}.two{grid-template-columns:minmax(0,1fr)}.two>.scroll+.scroll{margin-top:18px}.tiles{grid-template-columns:repeat(2,1fr)}
.tiles div{padding:10px 8px 10px 12px}.tiles div:nth-child(odd){border-left:0;padding-left:0}.tiles div:nth-child(n+3){border-top:1px solid var(--line)}
.idx th:last-child,.idx td:last-child{display:none}.idx td small{display:block}}
@media print{body{background:#fff}section{break-inside:avoid-page;border:0;padding:0}}
</style>
</head>
<body>
<main>
<header><h1>城市日报 <small>City report</small></h1>
<p class="lead">一网统管：案件从上报到办结，按网格汇总，封存上报。<br>From the report of a case to its closing, rolled up by grid, sealed and sent up.</p>
<nav>$a$
    || (SELECT string_agg(format('<a href="#%s">%s %s</a>', demo.esc(source), demo.esc(name_zh), demo.esc(name_en)), '' ORDER BY ord) FROM demo.city)
    || E'</nav></header>\n'
    || (SELECT string_agg(demo.html_city(source), E'\n' ORDER BY ord) FROM demo.city)
    || E'\n<footer>Made by SQL in the database itself: demo/report_html.sql. 本页由数据库内的 SQL 生成。</footer>\n</main>\n</body>\n</html>'
$html$;
