import { canonicalName } from "../../dns/index.js";
import type { ConflictPolicy, RecordKind } from "../../provider/arguments/inputs.js";
import { kindsFor } from "../../provider/arguments/record-kinds.js";
import { Stack } from "../support/deployment/deployment.js";
import type { DeclaredSetup } from "../support/deployment/program.js";
import type { Random } from "./random.js";

type Editable = { -readonly [Key in keyof DeclaredSetup]: DeclaredSetup[Key] };

/** Who has a stack, and what their program declares now. */
export class Team {
	readonly stack: Stack;
	program: DeclaredSetup[] = [];
	/** Domains where a run was told to keep what others change: a TTL that they set then is theirs for good. */
	readonly keepers = new Set<string>();
	#named = 0;

	constructor(
		readonly name: string,
		readonly workspaceId: string,
		readonly apiKey: string,
		/** Whether `channels:dnsServers` is set. */
		readonly dnsServers: boolean,
		private readonly random: Random,
	) {
		this.stack = new Stack(name);
	}

	/** A name for a tenant or a resource that was never there. */
	newName(what: string): string {
		this.#named += 1;
		return `${what}-${this.name}-${this.#named}`;
	}

	declare(domainIdentity: string): void {
		const declared: DeclaredSetup = {
			name: this.newName("mail"),
			tenantName: this.newName("tenant"),
			domainIdentity,
			...(this.random.chance(0.85) && { route53: this.#route53() }),
			...(this.random.chance(0.6) && { waitForVerification: this.#wait() }),
		};
		this.program = [...this.program, sound(declared)];
	}

	/** Changes one declaration. */
	edit(name: string, change: (declared: Editable) => void): void {
		this.program = this.program.map((each) => {
			if (each.name !== name) return each;
			const copy: Editable = { ...each };
			change(copy);
			return sound(copy);
		});
	}

	/** Those of a domain are alike, or they would undo each other's work in every run. */
	#editAll(domain: string, change: (declared: Editable) => void): void {
		for (const { name, domainIdentity } of this.program)
			if (canonicalName(domainIdentity) === canonicalName(domain)) this.edit(name, change);
	}

	drop(name: string): void {
		this.program = this.program.filter((each) => each.name !== name);
	}

	/** Edits the program as people do. @returns what it was */
	editSomehow(freeDomains: readonly string[], zoneIds: readonly string[]): string {
		const { random } = this;
		const [domain] = freeDomains;
		if (this.program.length === 0) {
			if (domain) this.declare(domain);
			return "declares the first setup";
		}
		const { name, tenantName, domainIdentity, route53 } = random.pick(this.program);
		const edit = (change: (declared: Editable) => void) => this.edit(name, change);
		return random.weighted<() => string>(
			[
				2,
				() => {
					if (domain) this.declare(domain);
					return `declares a setup of ${domain}`;
				},
			],
			[
				2,
				() => {
					this.drop(name);
					return `drops ${name}`;
				},
			],
			[
				3,
				() => {
					const renamed = this.newName("mail");
					const how = random.weighted([3, "alias"], [3, "adopt"], [1, "neither"]);
					edit((declared) => {
						declared.name = renamed;
						if (how === "alias") declared.aliases = [name, ...(declared.aliases ?? [])];
						else delete declared.aliases;
						if (how === "adopt") declared.adoptExisting = true;
					});
					return `renames ${name} to ${renamed} (${how})`;
				},
			],
			[
				2,
				() => {
					edit((declared) => {
						declared.tenantName = this.newName("tenant");
					});
					return `gives ${name} another tenant`;
				},
			],
			[
				1,
				() => {
					if (domain)
						edit((declared) => {
							declared.domainIdentity = domain;
						});
					return `gives ${name} the domain ${domain}`;
				},
			],
			[
				1,
				() => {
					edit((declared) => {
						declared.domainIdentity = domainIdentity.toUpperCase();
					});
					return `spells the domain of ${name} otherwise`;
				},
			],
			[
				3,
				() => {
					const route53 = random.chance(0.3) ? undefined : this.#route53();
					this.#editAll(domainIdentity, (declared) => {
						if (route53) declared.route53 = route53;
						else delete declared.route53;
					});
					return `changes route53 of ${name}`;
				},
			],
			[
				2,
				() => {
					const zoneId = random.pick(zoneIds);
					this.#editAll(domainIdentity, (declared) => {
						declared.route53 = { ...declared.route53, zoneId };
					});
					return `moves ${name} to another zone`;
				},
			],
			[
				2,
				() => {
					edit((declared) => {
						if (declared.waitForVerification) delete declared.waitForVerification;
						else declared.waitForVerification = this.#wait();
					});
					return `changes the wait of ${name}`;
				},
			],
			[
				1,
				() => {
					const twin = this.newName("mail");
					this.program = [
						...this.program,
						{ name: twin, tenantName, domainIdentity, adoptExisting: true, ...(route53 && { route53 }) },
					];
					return `declares ${twin}, a second resource of ${name}'s setup`;
				},
			],
		)();
	}

	#route53(): NonNullable<DeclaredSetup["route53"]> {
		const { random } = this;
		const policy = () => random.weighted<ConflictPolicy>([2, "error"], [1, "keep"], [1, "overwrite"]);
		return {
			...(random.chance(0.2) && { ttl: random.pick([60, 3_600]) }),
			...(random.chance(0.2) && {
				records: random.pick<RecordKind[]>([["dkim"], ["dkim", "dmarc"], ["dkim", "mx"]]),
			}),
			...(random.chance(0.35) && { onConflict: { mx: policy(), dmarc: policy(), other: policy() } }),
			...(random.chance(0.1) && { delegationCheck: random.pick(["warn", "off"]) }),
		};
	}

	#wait(): NonNullable<DeclaredSetup["waitForVerification"]> {
		const { random } = this;
		return {
			...(random.chance(0.7) && { timeout: random.pick(["90s", "5m"]) }),
			...(random.chance(0.2) && { purpose: random.pick(["sending", "receiving"]) }),
		};
	}
}

/** Without a wait for what is not published, which is refused before anything begins. */
function sound(declared: DeclaredSetup): DeclaredSetup {
	const { route53, waitForVerification: wait } = declared;
	if (!wait?.purpose || !route53?.records) return declared;
	const { records } = route53;
	if (kindsFor(wait.purpose).every((kind) => records.includes(kind))) return declared;
	const { purpose: _, ...rest } = wait;
	return { ...declared, waitForVerification: rest };
}
