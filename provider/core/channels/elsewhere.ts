import { UserError } from "../errors.js";
import { placeInWords } from "./place.js";
import type { Home, SetupRef } from "./setup.js";

/**
 * @param home as far as it is known
 * @throws UserError where the settings lead to another account or region of AWS than the setup's.
 */
export function refuseElsewhere(
	{ id, account, region, domain }: SetupRef,
	home: { readonly account?: string | undefined; readonly region?: string | undefined },
): void {
	const differs = (its: string | undefined, ours: string | undefined) =>
		its !== undefined && ours !== undefined && its !== ours;
	if (!differs(account, home.account) && !differs(region, home.region)) return;
	const { account: ourAccount, region: ourRegion = region } = home;
	const place = { account: account ?? ourAccount, region: region ?? ourRegion };
	throw new UserError(
		"account-changed",
		`setup ${id}${domain ? ` (${domain})` : ""} is in Amazon SES of ${placeInWords(place as Home)}, and the settings lead to ` +
			`${placeInWords({ account: ourAccount, region: ourRegion } as Home)}. Nothing was changed. Use credentials of that account ` +
			"(channels:sesProfile, channels:sesRoleArn, aws:profile) and its region (channels:sesRegion). To move the domain, " +
			"destroy it there first; to keep both, give each a ChannelsProvider of its own.",
	);
}
