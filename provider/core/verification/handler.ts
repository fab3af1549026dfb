import { canonicalName } from "../../../dns/index.js";
import type { SesSetupDetailResponse } from "../../../sdk/contract.js";
import { defaults } from "../../arguments/description.js";
import { isOfKind, kindsFor } from "../../arguments/record-kinds.js";
import { hasUnknown } from "../../arguments/unknown.js";
import type { CheckedDnsRecord, PublishedZone } from "../../shapes.js";
import { IncompleteError } from "../errors.js";
import { changesOf, type Difference, type Handler } from "../handler.js";
import {
	inOrderOf,
	sameJson,
	sameRecords,
	timeoutOf,
	type VerificationInputs,
	type VerificationOutputs,
} from "../inputs.js";
import { liveSetup } from "../setup/live.js";
import type { World } from "../world.js";
import { waitUntilVerified } from "./wait.js";

/** `Verification`: waits. It has no effect anywhere, so there is nothing to delete. */
export const verificationHandler: Handler<VerificationInputs, VerificationOutputs> = {
	kind: "Verification",

	diff(_world, _id, olds, { verifiedDomain: _, ...news }): Difference {
		const update = (property: string, reason: string) => ({ property, replaces: false, reason });
		if (olds.setupId !== news.setupId)
			return [{ property: "setupId", replaces: true, reason: "Another setup is waited for on its own." }];
		const needed = neededBy(news);
		const unverified = olds.dnsRecords.filter((record) => isOfKind(record, needed) && !record.verified);
		const names = unverified.map(({ type, address }) => `${type} ${address}`).join(", ");
		const isOther = () => !sameRecords(olds.dnsRecords, news.dnsRecords);
		return changesOf(
			names !== "" && {
				...update("dnsRecords", `Not verified when it was last looked at: ${names}`),
				isHidden: true,
			},
			hasUnknown(news)
				? update("dnsRecords", "What it depends on is not known yet.")
				: isOther() && update("dnsRecords", "Other records are waited for."),
			!sameJson([...neededBy(olds)].sort(), [...needed].sort()) &&
				update("purpose", "It is waited for another purpose."),
			// What one zone's servers have, another's need not have.
			isOtherZone(olds.zone, news.zone) && update("zone", "The records are in another zone."),
		);
	},

	create: async (world, inputs) => ({ id: inputs.setupId, outputs: await wait(world, inputs) }),

	update: (world, _id, _olds, news) => wait(world, news),

	async read(world, id, olds) {
		const setup = await liveSetup(world, id, world.stop);
		return setup && verificationOutputs(olds, inOrderOf(olds.dnsRecords ?? [], checkedRecords(setup)), setup);
	},

	delete: async () => {},
};

/** What the wait is for; where nothing says so, what is published. */
const neededBy = ({ purpose, published }: Pick<VerificationInputs, "purpose" | "published">) =>
	purpose ? kindsFor(purpose) : (published ?? defaults.records);

/** States of earlier versions do not know the zone, or its name servers. */
const isOtherZone = (olds: PublishedZone | undefined, news: PublishedZone | undefined): boolean =>
	olds?.nameServers !== undefined &&
	news?.nameServers !== undefined &&
	!sameJson([olds.name, olds.nameServers], [news.name, news.nameServers]);

async function wait(world: World, inputs: VerificationInputs): Promise<VerificationOutputs> {
	const { setupId, dnsRecords } = inputs;
	const outcome = await waitUntilVerified(
		world,
		{
			setupId,
			records: dnsRecords,
			kinds: neededBy(inputs),
			timeoutMs: timeoutOf(inputs),
			zone: inputs.zone,
		},
		world.progress,
		world.stop,
	);
	const outputs = verificationOutputs(inputs, outcome.records, outcome.setup);
	if (!outcome.verified) {
		const code = outcome.isStale ? "records-not-asked-for" : "records-not-verified";
		throw new IncompleteError(code, setupId, outputs, outcome.reasons);
	}
	return outputs;
}

export const checkedRecords = (setup: SesSetupDetailResponse): CheckedDnsRecord[] =>
	setup.dns_records.map(({ address, type, record, verified }) => ({ address, type, record, verified }));

/** What state holds of a wait. The domain is an output only once every record that it is for is verified. */
export function verificationOutputs(
	inputs: Partial<VerificationInputs>,
	records: CheckedDnsRecord[],
	setup: SesSetupDetailResponse | undefined,
): VerificationOutputs {
	const { setupId = setup?.id ?? "", timeout, purpose, published, zone } = inputs;
	const needed = neededBy(inputs);
	const verified = records.every((record) => record.verified || !isOfKind(record, needed));
	return {
		setupId,
		dnsRecords: records,
		...(timeout !== undefined && { timeout }),
		...(purpose !== undefined && { purpose }),
		...(published !== undefined && { published }),
		...(zone !== undefined && { zone }),
		...(setup && verified && { verifiedDomain: canonicalName(setup.domain_identity) }),
		...(setup?.dns_checked_at && { checkedAt: setup.dns_checked_at }),
	};
}
