import { childName, providerText, type ResourceClass, typeToken } from "../../provider/tokens.js";
import type { State, TakenSetup } from "./resources.js";

/** One resource of a file for `pulumi import --file` (`importSpec` in the CLI's operations/import.go). */
interface ImportedResource {
	type: string;
	name: string;
	id: string;
	/** Name of another resource of the file, or key of its name table. */
	parent?: string;
	/** Key of the name table. */
	provider?: string;
	inputs: object;
	/** With them the CLI takes the state as it is and asks no provider. */
	outputs: object;
}

export interface ImportFile {
	/** The URNs of what is in the stack already. */
	nameTable?: Record<string, string>;
	resources: ImportedResource[];
}

/** URNs of the stack to which the resources belong. */
export interface Belonging {
	parent?: string | undefined;
	provider?: string | undefined;
}

export function importFile(taken: readonly TakenSetup[], { parent, provider }: Belonging): ImportFile {
	const urns = [parent, provider].filter((urn) => urn !== undefined);
	const resource = (kind: ResourceClass, name: string, state: State<object>, parent: string | undefined) => ({
		type: typeToken(kind),
		name,
		id: state.id,
		...(parent !== undefined && { parent }),
		...(provider !== undefined && { provider }),
		// The text names the code that works on the resource; import must find it in both.
		inputs: { ...state.inputs, __provider: providerText(kind) },
		outputs: { ...state.outputs, __provider: providerText(kind) },
	});
	return {
		...(urns.length > 0 && { nameTable: Object.fromEntries(urns.map((urn) => [urn, urn])) }),
		resources: taken.flatMap(({ wanted: { name }, setup, records, verification }) => [
			resource("SesSetup", name, setup, parent),
			...(records ? [resource("Route53Records", childName.records(name), records, name)] : []),
			...(verification ? [resource("Verification", childName.verification(name), verification, name)] : []),
		]),
	};
}
