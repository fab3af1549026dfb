import type { SesDiagnosis } from "../../sdk/contract.js";
import type { UpstreamError } from "../calls/errors.js";
import type { FoundIdentity } from "../objects/found.js";
import { describeMailFrom, noMailFrom } from "./mail-from-word.js";
import { hasKeysOfSes } from "./records.js";
import type { Remedies } from "./remedies.js";
import type { SetupInSes } from "./setup.js";

/** What SES said of a setup's domain, or why it was not asked or did not answer. */
export type SesWord =
	| { kind: "answer"; identity: FoundIdentity | undefined }
	| { kind: "silent"; error: UpstreamError }
	/** Its DKIM records do not stand. */
	| { kind: "not asked" }
	/** Too many checks were under way. */
	| { kind: "no turn" };

/** Whose the identity is that SES has of a setup's domain. `rekeyed`: the setup's, but with other DKIM keys. */
export type Standing = "own" | "missing" | "foreign" | "rekeyed";

export function standingOf(
	identity: Pick<FoundIdentity, "owner" | "dkim"> | undefined,
	setup: Pick<SetupInSes, "id" | "dnsRecords">,
): Standing {
	if (identity === undefined) return "missing";
	if (identity.owner !== setup.id) return "foreign";
	return hasKeysOf(identity, setup) ? "own" : "rekeyed";
}

/** Whether an identity's DKIM keys are those that the setup's records are for; it may ask for none. */
function hasKeysOf(
	{ dkim }: Pick<FoundIdentity, "dkim">,
	{ dnsRecords }: Pick<SetupInSes, "dnsRecords">,
): boolean {
	const published = dnsRecords
		.filter(({ type }) => type === "CNAME")
		.map(({ address }) => address.toLowerCase());
	if (published.length === 0) return true;
	return (
		dkim.tokens.length === published.length &&
		dkim.tokens.every((token) => published.some((name) => name.startsWith(`${token.toLowerCase()}.`)))
	);
}

/** SES's word as a client reads it. Whose an identity of others is stays unsaid: it may be another workspace's. */
export function describeWord(word: SesWord, setup: SetupInSes, remedies: Remedies): SesDiagnosis {
	const nothing = {
		dkim_status: null,
		error_type: null,
		last_checked_at: null,
		last_success_at: null,
		...noMailFrom,
	};
	if (word.kind === "not asked") {
		const reason =
			"SES is asked once the DKIM records stand, because it would remember for a while that it did not find them.";
		return { identity: "unknown", ...nothing, reason };
	}
	if (word.kind === "no turn")
		return {
			identity: "unknown",
			...nothing,
			reason: "Too many checks are under way. Try again in a while.",
		};
	if (word.kind === "silent") {
		return { identity: "unknown", ...nothing, reason: `SES gave no answer (${word.error.message}).` };
	}
	const { identity } = word;
	const standing = standingOf(identity, setup);
	if (identity === undefined || standing === "foreign") {
		const whose = identity === undefined ? "missing" : "foreign";
		return { identity: whose, ...nothing, reason: sentence(whose, remedies) };
	}
	const { errorType, lastCheckedAt, lastSuccessAt } = identity.verificationInfo;
	return {
		identity: standing,
		dkim_status: identity.dkim.status ?? null,
		error_type: errorType ?? null,
		last_checked_at: lastCheckedAt?.toISOString() ?? null,
		last_success_at: lastSuccessAt?.toISOString() ?? null,
		reason: standing === "own" ? reasonOf(identity, remedies) : sentence(standing, remedies),
		...describeMailFrom(identity.mailFrom, setup, remedies),
	};
}

function sentence(standing: Exclude<Standing, "own">, { anew }: Remedies): string {
	return `${sentences[standing]} ${anew}`;
}

const sentences: Readonly<Record<Exclude<Standing, "own">, string>> = {
	missing: "The domain's identity is gone from SES: it was deleted there by other hands.",
	foreign:
		"The domain's identity in SES is not the setup's: it was deleted there, and made again, by other hands.",
	rekeyed:
		"The domain's identity has other DKIM keys in SES than it was made with: they were changed there by other hands.",
};

/**
 * By the documentation of SES, "Verified identities", and the API reference, DkimAttributes and VerificationInfo.
 * @returns null while SES accepts the domain
 */
function reasonOf(
	{ dkim, verificationInfo: { errorType } }: FoundIdentity,
	{ anew, lookAgain }: Remedies,
): string | null {
	const last = errorType === undefined ? "" : ` Its last look: ${looks[errorType] ?? errorType}.`;
	switch (dkim.status) {
		case "SUCCESS":
			return null;
		case "PENDING":
			return `SES has not found the DKIM records yet. It looks for them by itself for 72 hours; there is nothing to do but wait.${last}`;
		case "FAILED":
			return hasKeysOfSes(dkim)
				? `SES had given the DKIM records up, as it does after 72 hours without them. ${lookAgain("now that they stand")}${last}`
				: `SES has given up on the domain's own DKIM key, as it does after 72 hours without its record. Publish that, and set the key in SES again.${last}`;
		case "TEMPORARY_FAILURE":
			return `SES no longer finds the DKIM records that it had accepted. It looks again by itself, and revokes the domain after a few days.${last}`;
		default:
			return `SES says nothing of the DKIM records (${dkim.status ?? "no status"}): signing was turned off there by other hands. ${anew}`;
	}
}

/** API reference, VerificationInfo, ErrorType. */
const looks: Readonly<Record<string, string>> = {
	DNS_SERVER_ERROR: "a name server of the domain failed to answer it (DNS_SERVER_ERROR)",
	HOST_NOT_FOUND: "the records' names did not exist for it (HOST_NOT_FOUND)",
	INVALID_VALUE: "the records had other values for it (INVALID_VALUE)",
	SERVICE_ERROR: "SES itself had an error (SERVICE_ERROR)",
	TYPE_NOT_FOUND: "the names had no CNAME records for it (TYPE_NOT_FOUND)",
};
