/** `2026-11-24 07:12 UTC` */
export const minute = (iso: string) => iso.replace(/^(\S+)T(\d\d:\d\d)\S*$/, "$1 $2 UTC");
