import { isFound, type RecordCheck, sameRecord } from "../../../dns/index.js";
import type { DiagnosisResponse } from "../../../sdk/contract.js";
import type { DnsRecord } from "../../shapes.js";
import type { CheckedSetup } from "../channels/setup.js";

/** What is known so far, for the progress line and the reasons. */
export interface WaitState {
	records: DnsRecord[];
	needed: DnsRecord[];
	/** Last look at the authoritative servers, by record. */
	checks: Map<DnsRecord, RecordCheck>;
	/** Why a record is probably not seen, found once the time is up. */
	findings: Map<DnsRecord, string[]>;
	/** The zone whose name servers do not all have the records yet, as far as Route 53 has said. */
	unsettled: string | undefined;
	/** What the API sees of records that stand and that it does not accept, asked once the time is up. */
	view: DiagnosisResponse | undefined;
	/** Last answer of the API. */
	setup: CheckedSetup | undefined;
	/** Why the API could not be asked, the last time it was tried. */
	failure: Error | undefined;
	/** Until when the API may remember a "no", because it was made to look before the records stood. */
	remembersUntil: number | undefined;
	/** Who decides, as it stands in a sentence: see {@link arbiterOf}. */
	arbiter: string;
	/** Whether it is for sending, so that SES has to accept the domain where no record shows it. */
	isForSending: boolean;
	waitsAtOnce: number;
	slots: number;
}

/** Why the domain does not send although all its records are verified; undefined where nothing keeps it from that. */
export const withheld = ({ isForSending, setup }: Pick<WaitState, "isForSending" | "setup">) =>
	isForSending ? setup?.withheld : undefined;

/** The API's word on a record. */
export function isVerified(state: Pick<WaitState, "setup">, record: DnsRecord): boolean {
	return state.setup?.dns_records.some((each) => each.verified && sameRecord(each, record)) ?? false;
}

/** The needed records that the API's last answer no longer has: nothing that comes later can verify them. */
export function notAskedFor({ needed, setup }: Pick<WaitState, "needed" | "setup">): DnsRecord[] {
	return setup ? needed.filter((record) => !setup.dns_records.some((each) => sameRecord(each, record))) : [];
}

/** Whether a server had it, and none that answered lacked it, when it was last looked for. */
export function isSeen({ checks }: Pick<WaitState, "checks">, record: DnsRecord): boolean {
	const check = checks.get(record);
	return check !== undefined && isFound(check);
}
