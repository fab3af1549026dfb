/**
 * The words in which an argument is described, once: from a description come the types that programs see, the
 * types that the core works with, the checks, and the tables of the README.
 */

/** What is wrong with a text, in words that follow the argument's name; undefined if nothing is. */
export type Judge = (text: string) => string | undefined;

export type Kind =
	| { readonly type: "string"; readonly judge?: Judge }
	| { readonly type: "boolean" }
	| { readonly type: "integer"; readonly from: number; readonly to: number; readonly unit: string }
	/** One of these texts, or several of them as a list. `name` is the type's. */
	| {
			readonly type: "choice";
			readonly choices: readonly string[];
			readonly name?: string;
			readonly several?: boolean;
	  }
	| ObjectKind
	/** `example` completes "is empty; give …". */
	| { readonly type: "list"; readonly item: Argument; readonly example?: string }
	/** `true` or `false`, or an object that says more: it decides which resources exist, so it is a plain value. */
	| { readonly type: "switch"; readonly on: ObjectKind }
	/** What our own classes pass along, as it is. */
	| { readonly type: "anything" };

export interface ObjectKind {
	readonly type: "object";
	/** What it is called where a field is unknown to it: "is no argument of …". */
	readonly what: string;
	/** The interface's name, without its ending: `Args` for programs, `Inputs` for the core. */
	readonly name?: string;
	readonly doc?: string;
	readonly fields: Fields;
}

type Fields = { readonly [name: string]: Argument };

export interface Argument {
	readonly kind: Kind;
	/** What it is for, and what its values mean. Markdown, in whole sentences; the first stands in a table. */
	readonly doc?: string;
	/** Completes "is missing; give …". An argument without it may be left out. */
	readonly required?: string;
	/** What holds where it is left out. */
	readonly default?: string | number | boolean;
	/** The same in words, where no one value says it. */
	readonly defaultText?: string;
	/** What a change of it replaces. */
	readonly replaces?: string;
	/** Not for people: what our own classes pass along. `path` is the argument that a person gave for it. */
	readonly hidden?: { readonly path?: string };
	/** Its type, where a description would only repeat it. */
	readonly typeName?: string;
}
