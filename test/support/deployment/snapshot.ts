import type { Kind } from "./program.js";

/** A resource as the state of a stack holds it. */
export interface Resource {
	readonly kind: Kind;
	readonly name: string;
	readonly urn: string;
	readonly id: string;
	readonly inputs: object;
	readonly outputs: object;
	readonly dependencies: readonly string[];
	readonly retainOnDelete: boolean;
	/** The URN under which it was last made or updated: what is deleted or read knows no other. */
	readonly statusUrn: string;
	/** Why it is not ready, if it is not. */
	readonly initErrors: readonly string[];
	/** Deleted already, and to be made anew. */
	readonly pendingReplacement?: true;
}

/** What is recorded of a stack, in the order in which it was made. */
export class Snapshot {
	#resources: readonly Resource[] = [];

	get resources(): readonly Resource[] {
		return this.#resources;
	}

	find(urns: readonly string[]): Resource | undefined {
		return this.#resources.find(({ urn }) => urns.includes(urn));
	}

	/** Records a resource, in the place of the one that had its URN, or the URN given. */
	put(resource: Resource, former = resource.urn): void {
		const plain = JSON.parse(JSON.stringify(resource)) as Resource;
		const known = this.#resources.some(({ urn }) => urn === former);
		const resources = known
			? this.#resources.map((each) => (each.urn === former ? plain : each))
			: [...this.#resources, plain];
		this.#resources = resources.map((each) => ({
			...each,
			dependencies: each.dependencies.map((urn) => (urn === former ? plain.urn : urn)),
		}));
	}

	remove(urn: string): void {
		this.#resources = this.#resources
			.filter((each) => each.urn !== urn)
			.map((each) => ({ ...each, dependencies: each.dependencies.filter((one) => one !== urn) }));
	}

	/** What depends on a resource, directly or not, in the order in which it was made. */
	dependentsOf(urn: string): Resource[] {
		const found = new Set([urn]);
		for (const each of this.#resources)
			if (each.dependencies.some((one) => found.has(one))) found.add(each.urn);
		return this.#resources.filter((each) => each.urn !== urn && found.has(each.urn));
	}
}
