/** What stands for a value that a preview does not know yet (`unknownValue` of @pulumi/pulumi/runtime/rpc). */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export function hasUnknown(value: unknown): boolean {
	if (value === unknownValue) return true;
	if (typeof value !== "object" || value === null) return false;
	return Object.values(value).some(hasUnknown);
}
