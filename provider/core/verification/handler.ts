import { canonicalName } from "../../../dns/index.js";
import { defaults } from "../../arguments/description.js";
import type { RecordKind } from "../../arguments/inputs.js";
import { domainOfRecords, kindsFor, ofKinds } from "../../arguments/record-kinds.js";
import { hasUnknown } from "../../arguments/unknown.js";
import type { CheckedDnsRecord, DnsRecord, PublishedZone } from "../../shapes.js";
import { refuseUnproven } from "../channels/elsewhere.js";
import type { CheckedSetup, Home, Setup, SetupRef } from "../channels/setup.js";
import { IncompleteError, UserError } from "../errors.js";
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
import { warnOfObstacles } from "./obstacles.js";
import { waitUntilVerified } from "./wait.js";

/** `Verification`: waits. It has no effect anywhere, so there is nothing to delete. */
export const verificationHandler: Handler<VerificationInputs, VerificationOutputs> = {
	kind: "Verification",

	diff(_world, _id, olds, news): Difference {
		const update = (property: string, reason: string) => ({ property, replaces: false, reason });
		if (olds.setupId !== news.setupId)
			return [{ property: "setupId", replaces: true, reason: "Another setup is waited for on its own." }];
		const unverified = neededOf(olds.dnsRecords, news).filter(({ verified }) => !verified);
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
			!sameJson(neededBy(olds), neededBy(news)) && update("purpose", "It is waited for another purpose."),
			// What one zone's servers have, another's need not have.
			isOtherZone(olds.zone, news.zone) && update("zone", "The records are in another zone."),
		);
	},

	create: async (world, inputs) => ({ id: inputs.setupId, outputs: await wait(world, inputs) }),

	update: (world, _id, olds, news) => wait(world, news, olds.verifiedDomain),

	async read(world, id, olds) {
		const { dnsRecords = [], verifiedDomain } = olds;
		const ref = refOf({ ...olds, setupId: id, dnsRecords });
		const setup = await liveSetup(world, ref);
		if (!setup) refuseUnproven(ref, await world.channels.home(world));
		return (
			setup && verificationOutputs(olds, inOrderOf(dnsRecords, checkedRecords(setup)), setup, verifiedDomain)
		);
	},

	delete: async () => {},
};

type For = Pick<VerificationInputs, "purpose" | "published">;

/** Kinds of records that the wait is for: what the purpose needs of what is published. */
const neededBy = ({ purpose = "all", published }: For) =>
	kindsFor(purpose).filter((kind) =>
		(published ?? (defaults.records as readonly RecordKind[])).includes(kind),
	);

/** Those of a setup's records that the wait is for. */
const neededOf = <Of extends DnsRecord>(records: readonly Of[], inputs: For): Of[] =>
	ofKinds(records, domainOfRecords(records), neededBy(inputs));

/** States of earlier versions do not know the zone, or its name servers. */
const isOtherZone = (olds: PublishedZone | undefined, news: PublishedZone | undefined): boolean =>
	olds?.nameServers !== undefined &&
	news?.nameServers !== undefined &&
	!sameJson([olds.name, olds.nameServers], [news.name, news.nameServers]);

async function wait(world: World, inputs: VerificationInputs, told?: string): Promise<VerificationOutputs> {
	const { setupId, dnsRecords } = inputs;
	const ref = refOf(inputs);
	const needed = neededOf(dnsRecords, inputs);
	const isForSending = neededBy(inputs).includes("dkim");
	// DKIM keys of the domain's owner need no record, and SES tells whether it accepts them.
	const home = await world.channels.home(world);
	const hasWordOfSes = isForSending && dnsRecords.length > 0 && home.account !== undefined;
	if (needed.length === 0 && !hasWordOfSes) throw nothingToWaitFor(inputs);
	const outcome = await waitUntilVerified(
		world,
		{
			ref,
			records: dnsRecords,
			isForSending,
			home,
			needed,
			timeoutMs: timeoutOf(inputs),
			zone: inputs.zone,
		},
		world.progress,
		world.stop,
	);
	const { setup } = outcome;
	const domain = outcome.verified && setup ? canonicalName(setup.domain_identity) : told;
	const outputs = { ...verificationOutputs(inputs, outcome.records, setup, domain), ...placeOf(home) };
	if (!outcome.verified) {
		const code = outcome.isStale ? "records-not-asked-for" : "records-not-verified";
		throw new IncompleteError(code, setupId, outputs, outcome.reasons);
	}
	await warnOfObstacles(world, ref, neededBy(inputs));
	return outputs;
}

/** Where nothing is needed, nothing shows that the domain is verified. */
function nothingToWaitFor(inputs: VerificationInputs): UserError {
	const { setupId, dnsRecords } = inputs;
	const asked = dnsRecords.map(({ type, address }) => `${type} ${address}`).join(", ");
	return new UserError(
		"nothing-to-wait-for",
		dnsRecords.length === 0
			? `setup ${setupId} asks for no records, so there is nothing to wait for yet. \`pulumi refresh\` reads what it asks for ` +
					"now; then run `pulumi up`."
			: `of the records of setup ${setupId} (${asked}) none is one that is waited for (${neededBy(inputs).join(", ") || "none"}). ` +
					"Choose another purpose in waitForVerification, publish more (route53.records), or do not wait.",
	);
}

/** By what the API finds the setup again. */
const refOf = ({
	setupId,
	dnsRecords,
	account,
	region,
}: Pick<VerificationInputs, "setupId" | "dnsRecords"> &
	Pick<VerificationOutputs, "account" | "region">): SetupRef => ({
	...{ id: setupId, account, region, records: dnsRecords },
	...(dnsRecords.length > 0 && { domain: domainOfRecords(dnsRecords) }),
});

export const checkedRecords = (setup: Pick<Setup, "dns_records">): CheckedDnsRecord[] =>
	setup.dns_records.map(({ address, type, record, verified }) => ({ address, type, record, verified }));

/**
 * What state holds of a wait. The domain is an output only once every record that it is for is verified.
 *
 * @param told the domain, where it was verified once: what has it is not to lose it for a record that changed since, as
 * in an `up` that leaves the wait out.
 */
export function verificationOutputs(
	inputs: Partial<VerificationInputs>,
	records: CheckedDnsRecord[],
	setup: CheckedSetup | undefined,
	told?: string,
): VerificationOutputs {
	const { setupId = setup?.id ?? "", timeout, purpose, published, zone } = inputs;
	const needed = neededOf(records, inputs);
	const verified = needed.length > 0 && needed.every((record) => record.verified);
	const verifiedDomain = setup && verified ? canonicalName(setup.domain_identity) : told;
	return {
		setupId,
		dnsRecords: records,
		...(timeout !== undefined && { timeout }),
		...(purpose !== undefined && { purpose }),
		...(published !== undefined && { published }),
		...(zone !== undefined && { zone }),
		...(verifiedDomain !== undefined && { verifiedDomain }),
		...(setup?.dns_checked_at && { checkedAt: setup.dns_checked_at }),
		...(setup && placeOf(setup.home)),
	};
}

/** Where the setup is, as the state has it: a refresh proves by that that it is gone. */
const placeOf = ({ account, region }: Home): Pick<VerificationOutputs, "account" | "region"> => ({
	...(account !== undefined && { account }),
	...(region !== undefined && { region }),
});
