// The 16 districts with their codes, in the order of the codes; for breadcrumbs and the district picker.

export const DISTRICTS: readonly { code: string; name: string }[] = [
  ['310101', '黄浦区'], ['310104', '徐汇区'], ['310105', '长宁区'], ['310106', '静安区'], ['310107', '普陀区'], ['310109', '虹口区'],
  ['310110', '杨浦区'], ['310112', '闵行区'], ['310113', '宝山区'], ['310114', '嘉定区'], ['310115', '浦东新区'], ['310116', '金山区'],
  ['310117', '松江区'], ['310118', '青浦区'], ['310120', '奉贤区'], ['310151', '崇明区'],
].map(([code = '', name = '']) => ({ code, name }))

export function districtName(code: string | null | undefined): string {
  if (!code) return '全市'
  if (code === '310000') return '市级'
  return DISTRICTS.find((d) => d.code === code)?.name ?? code
}

/** Short name for maps: `徐汇`, `浦东`. */
export function shortDistrict(name: string): string {
  return name.replace(/(新区|区)$/, '')
}
