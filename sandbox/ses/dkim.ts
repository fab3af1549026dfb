import { sameName } from "pulumi-channels/dns";
import { patienceMs } from "./patience.js";
import type { DkimStatus, Identity } from "./state.js";

/** What a resolver answers for the CNAME of a name: its targets (none when there is no such record), or a failure. */
export type CnameLookup = (name: string) => Promise<{ targets: string[] } | { failure: string }>;

/**
 * Looks the identity's three CNAMEs up and moves its DKIM status accordingly, as SES does on its own schedule.
 * A look-up that fails decides nothing. Keys of the owner's own are not looked for, so they never pass.
 */
export async function checkDkim(identity: Identity, lookup: CnameLookup, now: number): Promise<void> {
	const { dkim } = identity;
	if (dkim.by !== "ses" || identity.status === "FAILED") return;
	const answers = await Promise.all(
		dkim.tokens.map(async (token) => {
			const answer = await lookup(`${token}._domainkey.${identity.name}`);
			if ("failure" in answer) return "failed";
			if (answer.targets.length === 0) return "missing";
			const expected = `${token}.${dkim.hostedZone}`;
			return answer.targets.some((target) => sameName(target, expected)) ? "right" : "wrong";
		}),
	);
	identity.lastCheckedAt = now;
	if (answers.every((answer) => answer === "right")) {
		identity.status = "SUCCESS";
		identity.lastSuccessAt = now;
		delete identity.errorType;
		return;
	}
	if (answers.includes("failed")) {
		identity.errorType = "DNS_SERVER_ERROR";
		return;
	}
	identity.errorType = answers.includes("wrong") ? "INVALID_VALUE" : "HOST_NOT_FOUND";
	identity.status = withoutRecords(identity, now);
}

function withoutRecords(identity: Identity, now: number): DkimStatus {
	if (now - (identity.lastSuccessAt ?? identity.lookingSince) > patienceMs) return "FAILED";
	return identity.lastSuccessAt === undefined ? "PENDING" : "TEMPORARY_FAILURE";
}
