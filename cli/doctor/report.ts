import { shown } from "../../dns/index.js";
import type { RecordKind } from "../../provider/arguments/inputs.js";
import type { Home } from "../../provider/core/channels/setup.js";
import type { SendingObstacle, SesDiagnosis } from "../../sdk/index.js";
import { adviceFor } from "./advice.js";
import type { Examination } from "./examine.js";
import { overallState, type RecordState, recordState, type SetupState, setupState } from "./judgement.js";
import { obstaclesOf } from "./sending.js";

/** What `channels doctor --json` prints. Fields may be added; a change of meaning is another version. */
export interface Report {
	version: 1;
	workspaceId: string;
	/** Of AWS, with the embedded API; else null. */
	account: string | null;
	region: string | null;
	/** When the name servers were asked, ISO 8601. */
	examinedAt: string;
	/** The worst of the setups; the exit code says the same. */
	state: SetupState;
	setups: {
		id: string;
		tenantName: string;
		domain: string;
		createdAt: string;
		/** When the API last looked; null if it never did. */
		checkedAt: string | null;
		state: SetupState;
		/** The live zone; null where there is none, or where nobody could say. */
		zone: { name: string; nameServers: string[] } | null;
		/** With `--route53`. */
		hostedZone: { id: string; name: string; nameServers: string[] } | null;
		/** SES's own word, as the API's diagnosis has it; null where the API does not tell. */
		ses: SesDiagnosis | null;
		/** Why the records are not to be published; null where they may be. */
		refusal: string | null;
		/** What keeps the domain from sending although it is verified, as far as the API tells it. */
		obstacles: SendingObstacle[];
		records: {
			kind: RecordKind;
			address: string;
			type: string;
			expected: string;
			/** The word of the Channels API. */
			verified: boolean;
			state: RecordState;
			servers: {
				server: string;
				state: "found" | "missing" | "different" | "failed";
				found: string[];
				reason: string | null;
			}[];
			/** Likely reasons by name, the gravest first. */
			causes: string[];
			/** What to do, for a person. */
			advice: string[];
		}[];
	}[];
}

export function report(
	examinations: readonly Examination[],
	{ home, now }: { home: Home; now: number },
): Report {
	return {
		version: 1,
		workspaceId: home.workspaceId,
		account: home.account ?? null,
		region: home.region ?? null,
		examinedAt: new Date(now).toISOString(),
		state: overallState(examinations),
		setups: examinations.map((examination) => {
			const { id, tenantName, domain, createdAt, checkedAt, live, hosted, records, refusal, view } =
				examination;
			return {
				id,
				tenantName,
				domain,
				createdAt,
				checkedAt,
				state: setupState(examination),
				zone: live.state === "live" ? { name: live.name, nameServers: live.servers } : null,
				hostedZone:
					hosted?.state === "found"
						? { id: hosted.id, name: hosted.name, nameServers: hosted.nameServers }
						: null,
				ses: view?.ses ?? null,
				refusal: refusal ? shown(refusal) : null,
				obstacles: obstaclesOf(examination),
				records: records.map((examined) => ({
					kind: examined.kind,
					address: examined.record.address,
					type: examined.record.type,
					expected: examined.record.record,
					verified: examined.verified,
					state: recordState(examined, examination),
					servers: examined.check.servers.map(({ server, state, found, reason }) => ({
						server,
						state,
						found,
						reason: reason ?? null,
					})),
					causes: examined.causes.map(({ kind }) => kind),
					advice: adviceFor(examined, examination).map(shown),
				})),
			};
		}),
	};
}
