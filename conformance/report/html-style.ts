/** The look of the HTML report: light and dark as the reader's preference is, readable on a phone. */

/** Verdicts have a word as well as a colour; every text has a contrast of 4.5 to 1 and more. */
export const htmlStyle = `
:root{color-scheme:light dark;--ground:#fff;--soft:#f3f5f8;--line:#c3cad2;--text:#1f2328;--faint:#4b535d;
--good:#116329;--bad:#a40e26;--odd:#7a4b00;--good-soft:#dafbe1;--bad-soft:#ffebe9;--odd-soft:#fff3cd}
@media (prefers-color-scheme:dark){:root{--ground:#0d1117;--soft:#161b22;--line:#3d444d;--text:#e6edf3;--faint:#b3bcc6;
--good:#7ee787;--bad:#ff9492;--odd:#f2cc60;--good-soft:#10301b;--bad-soft:#3c1418;--odd-soft:#33280d}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:72rem;padding:1rem;background:var(--ground);color:var(--text);
font:1rem/1.5 system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif}
h1{font-size:1.6rem;line-height:1.2;overflow-wrap:anywhere}
h2{margin-top:2.5rem;padding-top:.5rem;border-top:1px solid var(--line);font-size:1.25rem}
h3{font-size:1rem;margin-bottom:.4rem}
p,li{overflow-wrap:anywhere}
code,pre{font:.85rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
code{overflow-wrap:anywhere}
small,.faint{color:var(--faint)}
a{color:inherit}
nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;list-style:none;padding:0}
dl.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(9rem,1fr));gap:.6rem;margin:1rem 0}
dl.figures div{padding:.5rem .75rem;border:1px solid var(--line);border-radius:.5rem;background:var(--soft)}
dt{color:var(--faint);font-size:.85rem}
dd{margin:0;font-size:1.2rem;font-variant-numeric:tabular-nums}
.verdict{display:inline-block;padding:0 .5rem;border-radius:.4rem;font-weight:600;white-space:nowrap;background:var(--soft)}
.verdict.pass{color:var(--good);background:var(--good-soft)}
.verdict.fail,.verdict.unexpected-pass,.verdict.stale-entries{color:var(--bad);background:var(--bad-soft)}
.verdict.known,.verdict.known-deviations,.verdict.flaky,.verdict.unclear,.verdict.inconclusive,.verdict.unsupported{color:var(--odd);background:var(--odd-soft)}
.scroll{overflow-x:auto;max-width:100%}
.scroll:focus-visible,summary:focus-visible,a:focus-visible{outline:2px solid currentColor;outline-offset:2px}
table{border-collapse:collapse;width:100%}
th,td{padding:.35rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
th{font-weight:600}
details{margin:.6rem 0;border:1px solid var(--line);border-radius:.5rem;padding:.4rem .8rem}
summary{cursor:pointer;overflow-wrap:anywhere}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--soft);padding:.6rem;border-radius:.5rem}
svg{display:block}
.machine .hit .state,.machine .hit .container{stroke:var(--good);fill:var(--good-soft);stroke-width:2}
.machine .missed .state{stroke:var(--bad);fill:var(--bad-soft);stroke-width:2.5;stroke-dasharray:2 3}
.machine .part .container{stroke:var(--odd);fill:var(--odd-soft);stroke-width:2}
.machine .hit .line{stroke:var(--good);stroke-width:2}
.machine .part .line{stroke:var(--odd);stroke-width:2.5}
.machine .missed .line{stroke:var(--bad);stroke-width:2.5;stroke-dasharray:2 3}
.machine .missed text{fill:var(--bad)}
@media (max-width:40rem){
table.rules thead{position:absolute;clip-path:inset(50%)}
table.rules tr{display:block;padding:.4rem 0;border-bottom:1px solid var(--line)}
table.rules th,table.rules td{display:inline-block;border:0;padding:.1rem .4rem .1rem 0}
table.rules td.text{display:block}}
@media print{details{break-inside:avoid}}
`;
