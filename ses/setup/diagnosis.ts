import type { RecordCheck } from "../../dns/index.js";
import type { DiagnosisResponse, SendingObstacle } from "../../sdk/contract.js";
import type { Remedies } from "./remedies.js";
import type { SetupInSes } from "./setup.js";
import { describeWord, type SesWord } from "./word.js";

/** What a check came to. */
export interface Diagnosed {
	/** With the flags that the check left on it. */
	readonly setup: SetupInSes;
	/** ISO 8601. */
	readonly checkedAt: string | null;
	/** By record, in their order; undefined when no turn came. */
	readonly checks: readonly RecordCheck[] | undefined;
	readonly word: SesWord;
	readonly obstacles: readonly SendingObstacle[];
}

/** Why a setup's records are verified or not. */
export function diagnosisOf(
	{ setup, checkedAt, checks, word, obstacles }: Diagnosed,
	remedies: Remedies,
): DiagnosisResponse {
	return {
		setup_id: setup.id,
		domain_identity: setup.domain,
		dns_checked_at: checkedAt,
		records: setup.dnsRecords.map((record, index) => {
			const { servers = [], reason = null } = checks?.[index] ?? { reason: "too many checks are under way" };
			return {
				...record,
				servers: servers.map((each) => ({ ...each, found: [...each.found], reason: each.reason ?? null })),
				reason,
			};
		}),
		ses: describeWord(word, setup, remedies),
		obstacles: [...obstacles],
	};
}
