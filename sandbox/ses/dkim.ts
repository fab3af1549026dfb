import { sameName } from "pulumi-channels/dns";
import { isRecordOf } from "./own-key.js";
import { patienceMs } from "./patience.js";
import type { DkimStatus, Identity } from "./state.js";

/** Whom SES asks for DKIM records: each answers what stands at a name (nothing when there is no such record), or a failure. */
export interface DkimLookups {
	cname(name: string): Promise<{ targets: string[] } | { failure: string }>;
	/** The strings of each record, joined. */
	txt(name: string): Promise<{ texts: string[] } | { failure: string }>;
}

type Found = "right" | "wrong" | "missing" | "failed";

/**
 * Looks the identity's records up and moves its DKIM status accordingly, as SES does on its own schedule: its three
 * CNAMEs, or the TXT record of the key that its owner brought. A look-up that fails decides nothing. Of a key that a test
 * has brought without telling it, the test says the status, too.
 */
export async function checkDkim(identity: Identity, lookups: DkimLookups, now: number): Promise<void> {
	const { dkim } = identity;
	if (dkim.by === "nobody" || (dkim.by === "owner" && dkim.publicKey === undefined)) return;
	if (identity.status === "FAILED") return;
	const answers = await Promise.all(
		identity.tokens.map((token) => lookFor(identity, `${token}._domainkey.${identity.name}`, token, lookups)),
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

async function lookFor(
	{ dkim }: Identity,
	name: string,
	token: string,
	lookups: DkimLookups,
): Promise<Found> {
	const judge = (values: string[], isIt: (value: string) => boolean): Found => {
		if (values.length === 0) return "missing";
		return values.some(isIt) ? "right" : "wrong";
	};
	if (dkim.by === "ses") {
		const answer = await lookups.cname(name);
		if ("failure" in answer) return "failed";
		return judge(answer.targets, (target) => sameName(target, `${token}.${dkim.hostedZone}`));
	}
	const answer = await lookups.txt(name);
	if ("failure" in answer) return "failed";
	const key = dkim.by === "owner" ? dkim.publicKey : undefined;
	return judge(answer.texts, (text) => key !== undefined && isRecordOf(key, text));
}

function withoutRecords(identity: Identity, now: number): DkimStatus {
	if (now - (identity.lastSuccessAt ?? identity.lookingSince) > patienceMs) return "FAILED";
	return identity.lastSuccessAt === undefined ? "PENDING" : "TEMPORARY_FAILURE";
}
