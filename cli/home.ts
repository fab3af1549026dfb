import { placeInWords } from "../provider/core/channels/elsewhere.js";
import type { Home } from "../provider/core/channels/setup.js";

/** Where setups are looked for, as a subject. */
export const homeInWords = (home: Home): string =>
	home.account === undefined ? `workspace ${home.workspaceId}` : `Amazon SES of ${placeInWords(home)}`;

/** Who accepts the records of setups. */
export const arbiterOf = ({ account }: Home): string =>
	account === undefined ? "The Channels API" : "Amazon SES";
