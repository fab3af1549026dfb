import { isPublished, type RecordCheck } from "../../dns/index.js";
import type { DnsRecordResponse } from "../../sdk/contract.js";
import type { Deadline } from "../calls/deadline.js";
import { UpstreamError } from "../calls/errors.js";
import type { SesLog } from "../log.js";
import type { Dkim } from "../objects/found.js";
import type { Ses } from "../objects/ses.js";
import { isOfMailFrom, mailFromOf } from "./mail-from.js";
import { hasKeysOfSes } from "./records.js";
import type { Restarts } from "./restarts.js";
import type { SetupInSes } from "./setup.js";
import { type SesWord, type Standing, standingOf } from "./word.js";

/** What one question about a record came to; undefined when it stayed open. */
type Verdict = boolean | undefined;

export interface Judgement {
	/** The setup's records with their flags: a question that stayed open leaves the flag as it was. */
	readonly dnsRecords: DnsRecordResponse[];
	/** Whether no question stayed open. */
	readonly isWhole: boolean;
	/** Whether SES has said, just now, that it accepts the domain. */
	readonly isAccepted: boolean;
	readonly ses: SesWord;
	/** Whose the identity is; undefined when SES did not say. */
	readonly standing: Standing | undefined;
}

export interface Judges {
	readonly ses: Pick<Ses, "identity">;
	readonly log: Pick<SesLog, "warn">;
	/** Has SES look again for records that stand and that it gave up; left out for a setup that is going. */
	readonly restarts: Pick<Restarts, "dkim" | "mailFrom"> | undefined;
}

/**
 * Which of a setup's records stand, from what the look-ups found and SES says: DKIM records once SES has accepted them.
 * @param checks by record, in their order
 */
export async function judge(
	setup: SetupInSes,
	checks: readonly RecordCheck[],
	{ ses, log, restarts }: Judges,
	deadline: Deadline,
): Promise<Judgement> {
	const published = checks.map(isPublished);
	const isDkim = setup.dnsRecords.map(({ type }) => type === "CNAME");
	const word = await ask(
		setup,
		published.filter((_, index) => isDkim[index]),
		{ ses, log },
		deadline,
	);
	const standing = word.kind === "answer" ? standingOf(word.identity, setup) : undefined;
	const accepted = isAccepted(setup, word, standing);
	if (standing === "own" && restarts !== undefined)
		await revive(setup, word, exchangerOf(setup, published), restarts, deadline);
	const verdicts = published.map((verdict, index) => (verdict && isDkim[index] ? accepted : verdict));
	return {
		dnsRecords: setup.dnsRecords.map((record, index) => ({
			...record,
			verified: verdicts[index] ?? record.verified,
		})),
		isWhole: !verdicts.includes(undefined),
		isAccepted: word.kind === "answer" && accepted === true,
		ses: word,
		standing,
	};
}

/**
 * SES is asked only while the domain's three records stand: it looks them up when asked, and its resolver would
 * remember a "no" for as long as the zone's SOA says.
 */
async function ask(
	setup: SetupInSes,
	dkimPublished: readonly Verdict[],
	{ ses, log }: Pick<Judges, "ses" | "log">,
	deadline: Deadline,
): Promise<SesWord> {
	if (!dkimPublished.every((verdict) => verdict === true)) return { kind: "not asked" };
	try {
		return { kind: "answer", identity: await ses.identity(setup.domain, deadline) };
	} catch (error) {
		if (!(error instanceof UpstreamError)) throw error;
		log.warn({ err: error, setupId: setup.id }, "SES could not be asked; the last answer stands");
		return { kind: "silent", error };
	}
}

/** Whether SES accepts the domain. Its last word counts where it was not asked. */
function isAccepted(setup: SetupInSes, word: SesWord, standing: Standing | undefined): Verdict {
	if (word.kind === "silent") return undefined;
	if (word.kind !== "answer")
		return setup.dnsRecords.some(({ type, verified }) => type === "CNAME" && verified);
	return standing === "own" && word.identity?.dkim.status === "SUCCESS";
}

/** To set DKIM up anew would replace keys that are not those SES has made here. */
const canRestart = (dkim: Dkim) => hasKeysOfSes(dkim) && (dkim.origin ?? "AWS_SES") === "AWS_SES";

/** Whether the MX record of the setup's MAIL FROM domain stands. */
function exchangerOf(setup: SetupInSes, published: readonly Verdict[]): Verdict {
	return published[setup.dnsRecords.findIndex((each) => each.type === "MX" && isOfMailFrom(setup, each))];
}

/** Has SES look again for those of the setup's own records that stand by now, where it gave them up. */
async function revive(
	setup: SetupInSes,
	word: SesWord,
	hasExchanger: Verdict,
	restarts: Pick<Restarts, "dkim" | "mailFrom">,
	deadline: Deadline,
): Promise<void> {
	const { dkim, mailFrom } = (word.kind === "answer" && word.identity) || {};
	if (dkim?.status === "FAILED" && canRestart(dkim)) await restarts.dkim(setup, deadline);
	if (hasExchanger && mailFrom?.status === "FAILED" && mailFrom.domain === mailFromOf(setup))
		await restarts.mailFrom(setup, mailFrom, deadline);
}
