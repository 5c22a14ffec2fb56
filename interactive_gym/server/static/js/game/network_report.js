/**
 * Tells the rows of `network.csv`: the netcode's figures of each second, together with the page's
 * own of links and pictures.
 */

/** @import { NetworkRow } from "../types.js" */
/** @import { PictureMeter } from "../view/picture_meter.js" */
/** @import { Partners } from "./partners.js" */
/** @import { Reports } from "./reports.js" */

export class NetworkReport {
  #reports;
  #partners;
  #pictures;

  /**
   * @param {Pick<Reports, "add">} reports
   * @param {Pick<Partners, "figures">} partners
   * @param {Pick<PictureMeter, "take">} pictures
   */
  constructor(reports, partners, pictures) {
    this.#reports = reports;
    this.#partners = partners;
    this.#pictures = pictures;
  }

  /** @param {NetworkRow[]} rows of the netcode, one per partner */
  async add(rows) {
    if (rows.length === 0) return;
    const pictures = this.#pictures.take();
    const figures = await Promise.all(rows.map((row) => this.#partners.figures(row.peer_seat)));
    this.#reports.add(...rows.map((row, i) => ({ ...row, ...figures[i], ...pictures })));
  }
}
