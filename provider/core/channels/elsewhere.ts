import { UserError } from "../errors.js";
import { homeInWords, placeInWords } from "./place.js";
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

/**
 * What other credentials, or another API, do not find is not gone.
 *
 * @throws UserError where the state does not say that the setup was here.
 */
export function refuseUnproven({ id, account, region }: SetupRef, home: Home): void {
	const isSame =
		home.account === undefined ? account === undefined : account !== undefined && region !== undefined;
	if (isSame) return;
	const why =
		home.account === undefined
			? `the state has it in Amazon SES of ${placeInWords({ account, region } as Home)}, and this API has never told of it. ` +
				`Have the service take it in (channels-api reconcile --adopt ${id}), or set channels:api to embedded.`
			: "the state does not say in which account and region it was. If it was here, and is deleted, take it out of the state: " +
				"pulumi state delete URN";
	throw new UserError(
		"gone-unproven",
		`${homeInWords(home)} has nothing of setup ${id}. It is not taken for gone, because ${why}`,
	);
}
