// ---- playing and presenting ---------------------------------------------------------------

const PACE = 1600;
let playing = 0;
const play = on => {
  clearInterval(playing);
  playing = on ? setInterval(() => state.step < final ? go(state.step + 1) : play(false), PACE) : 0;
  $("play").setAttribute("aria-pressed", String(on));
  $("play").setAttribute("aria-label", on ? words.pause : words.play);
};
const togglePlay = () => {
  if (!playing && state.step === final) go(0);
  play(!playing);
};
// In large type, and the figure takes what the words leave of the window.
const present = on => {
  document.documentElement.classList.toggle("present", on);
  $("present").setAttribute("aria-pressed", String(on));
  paint();
};
const presenting = () => document.documentElement.classList.contains("present");
const fill = () => document.fullscreenElement ? document.exitFullscreen()
  : document.documentElement.requestFullscreen().catch(() => {});
$("play").addEventListener("click", togglePlay);
$("present").addEventListener("click", () => present(!presenting()));
$("full").addEventListener("click", fill);
$("full").hidden = !document.fullscreenEnabled;
const commands = {" ": togglePlay, p: () => present(!presenting()), f: () => document.fullscreenEnabled && fill(),
  Escape: () => present(false)};
document.documentElement.classList.toggle("framed", parent !== window);
