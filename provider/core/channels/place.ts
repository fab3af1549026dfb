import type { Home } from "./setup.js";

/** `account 123456789012 in us-east-1`, or the region alone where that is all that is known. */
export const placeInWords = ({ account, region }: Pick<Home, "account" | "region">): string =>
	account === undefined ? `${region}` : `account ${account} in ${region}`;

/** Where setups are, as a subject: `workspace …`, or `Amazon SES of account 123456789012 in us-east-1`. */
export const homeInWords = (home: Home): string =>
	home.account === undefined ? `workspace ${home.workspaceId}` : `Amazon SES of ${placeInWords(home)}`;

/** Who decides whether a domain is verified, as it stands in a sentence. */
export const arbiterOf = ({ account }: Pick<Home, "account">): string =>
	account === undefined ? "the Channels API" : "Amazon SES";
