import { shown } from "../../dns/index.js";
import type { RecordKind } from "../../provider/arguments/inputs.js";
import { describeSet } from "../../provider/core/zones/sets.js";
import { type Foresight, type Outlook, overallState, type State, stateOf } from "./foresee.js";

/** What `channels preflight --json` prints. Fields may be added; a change of meaning is another version. */
export interface Report {
	version: 1;
	/** When it was looked, ISO 8601. */
	examinedAt: string;
	/** The worst of the domains; the exit code says the same. */
	state: State;
	domains: {
		domain: string;
		state: State;
		/**
		 * `identity`: one of Amazon SES's that belongs to no setup, and that the program takes in. `hidden`: the key may not
		 * list.
		 */
		workspace: "not asked" | "free" | "identity" | "existing" | "taken" | "hidden";
		/** The setup that the program takes over; null where there is none. */
		setupId: string | null;
		/** The hosted zone; null where none was found. */
		zone: { id: string; name: string; nameServers: string[] } | null;
		/** Whether the internet asks that zone; null where nobody looked. */
		delegation: "delegated" | "partly" | "elsewhere" | "unknown" | null;
		/** Empty where the zone could not be looked into. */
		records: {
			kind: RecordKind;
			name: string;
			outlook: Outlook;
			/** What stands there today. */
			standing: { name: string; type: string; ttl: number | null; values: string[] }[];
		}[];
		/** What is in the way, for a person. */
		refusals: string[];
		/** What `pulumi up` says and goes on. */
		warnings: string[];
		/** What could not be asked, and why. */
		unanswered: string[];
	}[];
}

export const report = (foresights: readonly Foresight[], now: number): Report => ({
	version: 1,
	examinedAt: new Date(now).toISOString(),
	state: overallState(foresights),
	domains: foresights.map((foresight) => {
		const { domain, workspace, zone, delegation, places, refusals, warnings, unanswered } = foresight;
		return {
			domain,
			state: stateOf(foresight),
			workspace: workspace.state,
			setupId: workspace.state === "existing" ? workspace.setup.id : null,
			zone: zone ? { id: zone.id, name: zone.name, nameServers: [...zone.nameServers] } : null,
			delegation: delegation?.state ?? null,
			records: places.map(({ kind, name, outlook, standing }) => ({
				kind,
				name,
				outlook,
				standing: standing.map((set) => ({
					name: set.name,
					type: set.type,
					ttl: set.ttl ?? null,
					values: describeSet(set),
				})),
			})),
			refusals: refusals.map(shown),
			warnings: warnings.map(shown),
			unanswered: unanswered.map(shown),
		};
	}),
});
