/** Words of the dialogs: [English, Chinese]. */

export const DIALOGS = /** @type {const} */ ({});
