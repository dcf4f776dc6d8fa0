// A card that a counter takes: a person, a certified holder and the card, as a clerk enters them. A transaction needs one.

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

// An identity number with the right check digit (GB 11643), of a made-up person of the district.
function identityNumber(district) {
  const day = new Date(Date.UTC(1900, 0, 1) + Math.floor(Math.random() * 10_000) * 86_400e3).toISOString().slice(0, 10);
  const first = `${district}${day.replaceAll("-", "")}${String(Math.floor(Math.random() * 1000)).padStart(3, "0")}`;
  const sum = WEIGHTS.reduce((total, weight, at) => total + weight * Number(first[at]), 0);
  return first + "10X98765432"[sum % 11];
}

// `post` sends a body to a path below /api/v1 as the clerk and gives the answer; the number of the new card.
export async function usableCard(post, district) {
  const person = await post("/resources/person", { full_name: "周测试", id_no: identityNumber(district), district_code: district });
  const holder = await post("/resources/card_holder", { person_id: person.id, category: "退役军人" });
  await post(`/resources/card_holder/${holder.id}/actions/certify`, {});
  const number = `3199${String(Date.now()).slice(-8)}${String(Math.floor(Math.random() * 10_000)).padStart(4, "0")}`;
  await post("/resources/preferential_card", { card_no: number, holder_id: holder.id });
  return number;
}
