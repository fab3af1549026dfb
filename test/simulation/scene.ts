import { canonicalName, hasValue } from "../../dns/index.js";
import { defaults } from "../../provider/arguments/description.js";
import { desiredSets } from "../../provider/arguments/record-kinds.js";
import type { HostedZone } from "../../sandbox/route53/zones.js";
import type { Outcome } from "../support/deployment/deployment.js";
import type { DeclaredSetup } from "../support/deployment/program.js";
import { OthersInSes } from "../support/others-in-ses.js";
import { Environment } from "./environment.js";
import { Others } from "./others.js";
import { Random } from "./random.js";
import type { SesModel } from "./ses-model.js";
import type { KnownSetup } from "./setups.js";
import type { Team } from "./team.js";

/** A run of the engine that a team has begun. */
export interface Operation {
	readonly kind: "up" | "preview" | "refresh" | "destroy";
	readonly team: Team;
	readonly program: readonly DeclaredSetup[];
	outcome?: Outcome;
}

/** Whether the API of a life is the one in the provider, on SES. Of the regressions none is such a life. */
export const isEmbedded = (seed: number): boolean => seed % 16 === 3;

export const domains = ["mail.acme.test", "news.acme.test", "acme.test", "eu.mail.acme.test"];

/** Everybody and everything in a life, and what is known of how it came to be so. */
export class Scene {
	readonly random: Random;
	readonly environment: Environment;
	readonly others: Others;
	/** Where the API is the one in the provider. */
	readonly inSes: { readonly ses: SesModel; readonly others: OthersInSes } | undefined;
	readonly teams: Team[] = [];
	readonly zones: HostedZone[] = [];
	/** Which run made a setup. */
	readonly makers = new Map<string, Operation>();
	/** Warnings of records that stay, which nobody may remove later. */
	readonly staying: string[] = [];
	/** Domains whose records a run may have published without recording them, because it was killed or heard no answer. */
	readonly unrecorded = new Set<string>();
	/** How many requests have changed something. */
	writes = 0;

	constructor(
		seed: number,
		/** Told what happens. */
		readonly tell: (text: () => string) => void,
	) {
		this.random = new Random(seed);
		// In some lives the API asks for a MAIL FROM: in some of these it begins to. Drawn of the seed itself, so that all others
		// are what they were.
		const mailFromAfterMs = seed % 8 === 0 ? (seed % 16 === 0 ? 0 : 20_000) : undefined;
		this.environment = new Environment(this.random.fork(), {
			mailFromAfterMs,
			isEmbedded: isEmbedded(seed),
		});
		this.others = new Others(this.environment, this.random.fork());
		const { ses } = this.environment;
		this.inSes = ses && { ses, others: new OthersInSes(ses.region) };
	}

	get clock() {
		return this.environment.clock;
	}

	say(text: string): void {
		this.tell(() => `— ${text}`);
	}

	/** The setups that the API shows. */
	get visible(): readonly KnownSetup[] {
		return this.environment.setups.visible;
	}

	setup(id: string): KnownSetup | undefined {
		return this.visible.find((each) => each.id === id);
	}

	/** What there is of setups, of those that are not whole, too, where nobody else but a next run takes them down. */
	get kept(): readonly KnownSetup[] {
		const { inSes } = this;
		return inSes ? inSes.ses.setups.filter(({ id }) => !inSes.others.hasSetup(id)) : this.visible;
	}

	/** Whether the internet asks a zone. */
	isLive(zone: HostedZone): boolean {
		const top = this.environment.registrar.registered("acme.test.")?.nameServers ?? [];
		if (zone.name === "acme.test.") return zone.nameServers.some((host) => top.includes(host));
		return this.zones.some(
			(above) =>
				above.name === "acme.test." && this.isLive(above) && this.environment.find(above, zone.name, "NS"),
		);
	}

	/** Whether a setup may be in no state: its maker was killed, or has said so, or could not know. */
	isExcused(setup: KnownSetup): boolean {
		const maker = this.makers.get(setup.id);
		if (!maker) return false;
		const failures = maker.outcome?.failures ?? [];
		return (
			maker.outcome === undefined ||
			maker.outcome.killed ||
			failures.some(
				({ message }) =>
					message.includes(setup.id) || (setup.tenantName !== "" && message.includes(setup.tenantName)),
			)
		);
	}

	/** Whether people are told that a record stays, which nobody may remove later. */
	isLeft(type: string, name: string): boolean {
		return this.staying.some(
			(warning) => warning.includes(`${type} ${name}`) || warning.includes(`${name} ${type}`),
		);
	}

	/** The state of which team has it. */
	ownerOf(setupId: string): { team: Team; name: string } | undefined {
		for (const team of this.teams) {
			const resource = team.stack.resources.find(
				({ id, kind, pendingReplacement }) => id === setupId && kind === "SesSetup" && !pendingReplacement,
			);
			if (resource) return { team, name: resource.name };
		}
		return undefined;
	}
}

export const isOf = (declared: DeclaredSetup, setup: KnownSetup) =>
	declared.tenantName === setup.tenantName && canonicalName(declared.domainIdentity) === setup.domain;

/** Whether a setup asks for a value. */
export const asksFor = (setup: KnownSetup, name: string, type: string, value: string) =>
	desiredSets(setup.records, setup.domain, { records: defaults.records, ttl: 0 }).some(
		(want) => want.name === name && want.type === type && hasValue(want, value),
	);
