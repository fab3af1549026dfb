import { canonicalName } from "../../../dns/index.js";
import {
	publishedZone,
	recordsInputs,
	setupInputs,
	verificationInputs,
	zoneBefore,
} from "../../../provider/arguments/children.js";
import type { Route53Inputs, WaitInputs } from "../../../provider/arguments/inputs.js";
import { hasUnknown } from "../../../provider/arguments/unknown.js";
import type { SetupOutputs } from "../../../provider/core/inputs.js";
import { childName, typeToken } from "../../../provider/tokens.js";

export type Kind = "SesSetup" | "Route53Records" | "Verification";

/** A `SesSetup` as it stands in a program. */
export interface DeclaredSetup {
	readonly name: string;
	/** Names that it had before. */
	readonly aliases?: readonly string[];
	readonly retainOnDelete?: boolean;
	readonly tenantName: string;
	readonly domainIdentity: string;
	readonly adoptExisting?: boolean;
	readonly route53?: Route53Inputs;
	readonly waitForVerification?: WaitInputs;
}

/** A resource as the program registers it with the engine. */
export interface Goal {
	readonly kind: Kind;
	readonly name: string;
	readonly urn: string;
	readonly aliases: readonly string[];
	readonly inputs: object;
	/** URNs of its parent and of what its inputs come from. */
	readonly dependencies: readonly string[];
	readonly retainOnDelete: boolean;
}

const urnOf = (stack: string, kind: Kind, name: string) => {
	const parents = kind === "SesSetup" ? "" : `${typeToken("SesSetup")}$`;
	return `urn:pulumi:${stack}::program::${parents}${typeToken(kind)}::${name}`;
};

function goal(
	stack: string,
	kind: Kind,
	declared: DeclaredSetup,
	inputs: object,
	dependencies: readonly string[],
): Goal {
	const named = (setup: string) =>
		({
			SesSetup: setup,
			Route53Records: childName.records(setup),
			Verification: childName.verification(setup),
		})[kind];
	const name = named(declared.name);
	return {
		kind,
		name,
		urn: urnOf(stack, kind, name),
		aliases: (declared.aliases ?? []).map((alias) => urnOf(stack, kind, named(alias))),
		inputs,
		dependencies,
		retainOnDelete: declared.retainOnDelete ?? false,
	};
}

/** The setup itself, and its children once its id and outputs are there. */
export function goalsOf(stack: string, declared: DeclaredSetup) {
	const { tenantName, domainIdentity, adoptExisting, route53, waitForVerification: wait } = declared;
	const inputs = setupInputs({ tenantName, domainIdentity, adoptExisting }, route53, wait);
	const setup = goal(stack, "SesSetup", declared, inputs, []);
	return {
		setup,
		/** @param outputs those that are known: in a preview few are. */
		children(
			setupId: string,
			{ dnsRecords, zone }: Pick<SetupOutputs, "dnsRecords"> & { zone?: SetupOutputs["zone"] },
		) {
			const known = <Part>(part: (whole: typeof zone) => Part) => (hasUnknown(zone) ? zone : part(zone));
			const records =
				route53 &&
				goal(
					stack,
					"Route53Records",
					declared,
					recordsInputs(route53, wait, {
						...{ setupId, dnsRecords, zone: known(zoneBefore) },
						domain: canonicalName(domainIdentity),
					}),
					[setup.urn],
				);
			const verification =
				wait &&
				goal(
					stack,
					"Verification",
					declared,
					verificationInputs(wait, route53, { setupId, dnsRecords, zone: known(publishedZone) }),
					[setup.urn, ...(records ? [records.urn] : [])],
				);
			return { records, verification };
		},
	};
}
