// Stems of one song, mixed by the desk that explains itself.

import { Refusal, ask } from "./api.js";
import { connect, patiently, sentence, speaks, trouble, watch, words } from "./connection.js";
import { dropped, files } from "./files.js";
import * as jobs from "./jobs.js";
import { t } from "./words.js";

const $ = id => document.getElementById(id);
const MOST = 16;
const state = { stems: [], likes: [], ...JSON.parse(localStorage.getItem("mix") || "{}") };
const keep = () => localStorage.setItem("mix", JSON.stringify(state));

function pick(button, input, taken) {
  $(button).onclick = () => $(input).click();
  $(input).onchange = () => { taken($(input).files); };
}

async function begin() {
  words();
  const stems = files($("stems"), state.stems, keep, trouble), likes = files($("likes"), state.likes, keep, trouble);
  const taken = async list => { trouble(); await stems.add([...list].slice(0, MOST - state.stems.length)); $("files").value = ""; };
  pick("choose", "files", taken);
  pick("choose-like", "like", async list => { await likes.add([...list].slice(0, 1)); $("like").value = ""; });
  dropped(taken);
  speaks(() => { stems.draw(); likes.draw(); jobs.redraw({}); });
  $("mix").onclick = async () => {
    trouble();
    if (stems.busy() || likes.busy()) return trouble(t("The files are still on their way."));
    if (!state.stems.length) return trouble(t("Choose the stems first."));
    try {
      await jobs.begin({ stems: state.stems.map(s => s.song), like: state.likes.map(s => s.song) });
    } catch (error) {
      trouble(error.code === "no-song" ? t("The song is no longer on the service: send it again.") : sentence(error));
    }
  };
  async function again(request) {  // its files, to be changed
    trouble();
    try {
      const found = song => patiently(() => ask("GET", `/songs/${song}`)).then(({ name, size }) => ({ song, name, size, upload: "" }));
      const [ours, theirs] = await Promise.all([request.stems, request.like].map(songs => Promise.all(songs.map(found))));
      state.stems.splice(0, MOST, ...ours);
      state.likes.splice(0, 1, ...theirs);
      keep();
      stems.draw();
      likes.draw();
      $("song").scrollIntoView({ behavior: "smooth" });
    } catch (error) {
      trouble(error instanceof Refusal ? t("The song is no longer on the service: send it again.") : sentence(error));
    }
  }
  await connect();
  await jobs.open({}, again, ["mix"]);
  watch();
  document.body.dataset.ready = "yes";
}

begin();
