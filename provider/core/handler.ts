import type { DiffWorld, World } from "./world.js";

/** What a resource does, told apart from how Pulumi asks for it: a binding translates and decides nothing. */
export interface Handler<Inputs extends object, Outputs extends object> {
	readonly kind: "SesSetup" | "Route53Records" | "Verification";
	/** @throws what would keep a replacement from being made, while what it replaces still stands. */
	diff(world: DiffWorld, id: string, olds: Outputs, news: Inputs): Difference | Promise<Difference>;
	create(world: World, inputs: Inputs): Promise<{ id: string; outputs: Outputs }>;
	update(world: World, id: string, olds: Outputs, news: Inputs): Promise<Outputs>;
	/** Undefined when the object is gone. */
	read(world: World, id: string, olds: Partial<Outputs>): Promise<Outputs | undefined>;
	delete(world: World, id: string, olds: Outputs): Promise<void>;
}

export interface Difference {
	changes: boolean;
	/** Inputs whose change means another object. */
	replaces?: string[];
}
