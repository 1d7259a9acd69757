declare const pinyin: { match(text: string, typed: string): [number, number] | false };
export default pinyin;
