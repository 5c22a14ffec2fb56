/** The pages that show a scene, and those on which a wait or a game ends. */

import { actionButton, actionLink } from "./dom.js";
import { completionCode, showPage } from "./pages.js";
import { forGroup } from "./wording.js";

/** @import { CompletionCodeScene, EndScene, GameEnded, GameScene, WaitroomEnded } from "../types.js" */

/**
 * @typedef {object} WaysOn
 * @property {() => void} advance to the next scene
 * @property {() => void} join the waitroom of this scene
 */

/** Headings by the reason for a game's end. @type {Partial<Record<string, string>>} */
const ENDED_HEADINGS = {
  desync: "The game had to stop",
  engine_error: "The game had to stop",
  server_stopped: "The game had to stop",
  hidden: "You were away from the game",
  idle: "You were away from the game",
  disconnected: "Your connection was lost",
  not_loaded: "The game did not load in time",
  connection_lost: "Your connection was lost",
};

/** Headings by the reason for a wait's end. @type {Partial<Record<string, string>>} */
const WAIT_ENDED_HEADINGS = {
  connection_unsuitable: "No connection to others",
  scene_failed: "The game does not start",
  gave_up: "You have stopped waiting",
};

/**
 * A scene without questions of its own.
 * @param {GameScene | EndScene | CompletionCodeScene} scene
 * @param {WaysOn} ways
 */
export function showScene(scene, { join }) {
  const { header, subheader } = scene;
  const common = { header, subheader, bodyHtml: scene.body };
  switch (scene.type) {
    case "game":
      showPage({
        ...common,
        loader: true,
        actions: [actionButton("I am ready to play", "join", join)],
      });
      break;
    case "end":
    case "completion_code":
      showPage({
        ...common,
        extra: scene.type === "completion_code" && scene.code ? completionCode(scene.code) : undefined,
        actions: scene.redirect_url
          ? [actionLink(scene.redirect_label ?? "Finish the study", scene.redirect_url)]
          : [],
      });
      break;
  }
}

/**
 * @param {GameScene} scene
 * @param {WaitroomEnded} ended
 * @param {WaysOn} ways
 */
export function showWaitEnded(scene, { reason, message, redirect_url }, { advance, join }) {
  if (reason === "idle") {
    const actions = [actionButton("Back to the waiting room", "join", join)];
    showPage({ header: "You have left the waiting room", text: message, actions });
    return;
  }
  const actions = [
    redirect_url
      ? actionLink("Continue", redirect_url)
      : actionButton("Continue", "advance", advance),
  ];
  if (reason === "gave_up") {
    const back = actionButton("Back to the waiting room", "join", join);
    back.className = "secondary";
    actions.push(back);
  }
  const header = WAIT_ENDED_HEADINGS[reason] ?? forGroup("No partner this time", scene.group_size);
  showPage({ header, text: message, actions });
}

/**
 * @param {GameScene} scene
 * @param {GameEnded} ended
 * @param {WaysOn} ways
 */
export function showGameEnded(scene, ended, { advance, join }) {
  const { reason, message, way_on, completion_code } = ended;
  const another = forGroup("Find another partner", scene.group_size);
  const actions = {
    next_scene: [actionButton("Continue", "advance", advance)],
    waitroom: [actionButton(another, "join", join)],
    exit: [],
  };
  showPage({
    header: ENDED_HEADINGS[reason] ?? "The game has ended early",
    text: message,
    extra: completion_code ? completionCode(completion_code) : undefined,
    actions: actions[way_on],
  });
}
