// A film, and music that is made for it.

import { connect, sentence, speaks, trouble, watch, words } from "./connection.js";
import { dropped, files } from "./files.js";
import * as jobs from "./jobs.js";
import { segments } from "./segments.js";
import { t } from "./words.js";

const $ = id => document.getElementById(id);
const MOODS = [["", "as the film"], ["happy", "happy"], ["tense", "tense"], ["sad", "sad"], ["calm", "calm"]];
const OWN = [["duck", "gives way to speech"], ["keep", "stays"], ["replace", "is left out"]];
const state = { films: [], emotion: "", sound: "duck", sensitivity: .5, seed: 0, ...JSON.parse(localStorage.getItem("film") || "{}") };
const keep = () => localStorage.setItem("film", JSON.stringify(state));

function choice(element, name, choices) {
  segments(element, choices.map(([value, text]) => [value, t(text)]), state[name], value => { state[name] = value; keep(); draw(); });
}

function draw() {
  choice($("mood"), "emotion", MOODS);
  choice($("own"), "sound", OWN);
  $("sensitivity").value = state.sensitivity;
  $("sensitivity-said").textContent = `${Math.round(100 * state.sensitivity)} %`;
}

async function score() {
  trouble();
  const film = state.films.at(-1);
  if (!film) return trouble(t("Choose a film first."));
  const { emotion, sound, sensitivity, seed } = state;
  try {
    await jobs.begin({ film: film.song, emotion: emotion || null, sound, sensitivity, seed });
  } catch (error) {
    trouble(error.code === "no-song" ? t("The song is no longer on the service: send it again.") : sentence(error));
  }
}

async function begin() {
  words();
  draw();
  const films = files($("films"), state.films, keep, trouble);
  const taken = async list => { trouble(); await films.add([...list].slice(0, 1)); films.only(); $("files").value = ""; };
  $("choose").onclick = () => $("files").click();
  $("files").onchange = () => taken($("files").files);
  dropped(taken);
  speaks(() => { draw(); films.draw(); jobs.redraw({}); });
  $("sensitivity").oninput = () => { state.sensitivity = Number($("sensitivity").value); keep(); draw(); };
  $("score").onclick = () => { state.seed = 0; keep(); score(); };
  $("other").onclick = () => { state.seed += 1; keep(); score(); };
  await connect();
  await jobs.open({}, request => { Object.assign(state, { ...request, emotion: request.emotion || "" }); keep(); draw(); }, ["score"]);
  watch();
  document.body.dataset.ready = "yes";
}

begin();
