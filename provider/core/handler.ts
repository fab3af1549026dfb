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

/** What is to change, by property; empty where nothing is. */
export type Difference = readonly PropertyChange[];

export interface PropertyChange {
	/** An input, or what an input would decide. */
	readonly property: string;
	/** Whether it means another object. */
	readonly replaces: boolean;
	/** A sentence. */
	readonly reason: string;
	/** Whether no input shows it, so that the reason has to be told. */
	readonly isHidden?: boolean;
}

export const isReplaced = (difference: Difference): boolean => difference.some(({ replaces }) => replaces);

/** Of the changes, those that are. */
export const changesOf = (...changes: (PropertyChange | false)[]): PropertyChange[] =>
	changes.filter((change) => change !== false);
