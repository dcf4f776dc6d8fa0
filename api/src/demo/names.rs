//! Invented names of persons, units, services and addresses.

use rand::Rng;

use super::sampling::one_of;

const SURNAMES: &str = "王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗 梁 宋 郑 谢 韩 唐 \
    冯 于 董 萧 程 曹 袁 邓 许 傅 沈 曾 彭 吕 苏 卢 蒋 蔡 贾 丁 魏 薛 叶 阎 余 潘 \
    杜 戴 夏 钟 汪 田 顾 陆";
const MALE: &str = "建国 建军 伟 强 军 国强 志明 海波 卫东 永康 文斌 俊 振华 立新 向阳 浩 磊 鹏 勇 德胜 \
    援朝 爱民 国庆 宏伟 家栋 思远 子轩 宇航 晓峰 长江";
const FEMALE: &str = "秀英 丽华 敏 静 芳 玉兰 桂英 红梅 慧 雪梅 淑珍 爱华 婷 雅琴 佳 欣怡 晓燕 美玲 春燕 \
    凤英 兰 洁 诗涵 国萍";
const BRANDS: &str = "申江 浦韵 长风 虹霓 静园 豫华 汇景 滨江 世纪 东方 明珠 华联 新天地 春申 沪上 梧桐 江南 \
    海派 锦和 瑞丰 同庆 致远 鼎盛 惠民 安泰 荣军 铁军 长城 红旗 星火 光荣 远航 和平 康乐 \
    益民 福佑 天成 永兴 德裕 云间";
const ROADS: &str = "人民路 中山路 建设路 延安路 解放路 复兴路 和平路 文化路 学府路 沿江路 新华路 光明路 康宁路 \
    迎宾路 体育路 公园路 花园路 民生路 振兴路 朝阳路 翠竹路 银杏路 桃源路 滨河路";
const AREAS: [&str; 8] =
    ["中心商圈", "地铁商圈", "滨江商圈", "大学城商圈", "产业园商圈", "老城厢商圈", "枢纽商圈", "社区商圈"];

/// What units of each category are called (□ is the brand) and what they offer, in the order of `season::CATEGORIES`.
const TRADES: [(&[&str], &[&str]); 8] = [
    (
        &["上海□博物馆", "□大剧院", "上海□美术馆", "上海□旅行社有限公司", "□主题乐园", "□影城"],
        &["优待门票", "观影优惠", "旅游线路优惠", "年卡优待", "导览服务优惠"],
    ),
    (
        &["□百货", "□超市", "□数码商城", "□书城", "□家居广场", "□大药房"],
        &["购物折扣", "会员优待价", "军属专享满减", "节日礼包", "家电以旧换新优惠"],
    ),
    (
        &["□饭店", "□酒家", "□小馆", "□茶楼", "□面馆", "□烘焙坊"],
        &["堂食折扣", "套餐优待", "宴席优惠", "早餐优待", "外卖满减"],
    ),
    (
        &["上海□职业培训学校", "□教育中心", "□驾校", "□外语学校", "□艺术培训中心"],
        &["技能培训优惠", "学历提升助学", "学车优待", "子女课程优惠", "职业资格考前辅导"],
    ),
    (
        &["上海□医院", "□口腔门诊部", "□体检中心", "上海□眼科医院", "□康复中心"],
        &["优先就诊", "体检套餐优惠", "口腔诊疗优惠", "康复理疗优惠", "挂号费减免"],
    ),
    (
        &["□巴士公司", "□出租汽车公司", "□停车管理公司", "□客运站", "□充电站"],
        &["乘车优惠", "停车优惠", "机场巴士优待", "长途车票优惠", "充电优惠"],
    ),
    (
        &["□体育中心", "□健身会所", "□游泳馆", "□羽毛球馆", "□滑冰馆"],
        &["健身卡优惠", "场地费减免", "游泳优待场", "球类课程优惠", "赛事门票优惠"],
    ),
    (
        &["□银行", "□保险服务部", "□证券营业部", "□融资担保服务中心"],
        &["转账手续费减免", "优待理财", "创业贷款贴息", "意外险优待价", "保管箱优惠"],
    ),
];

/// One of the words of a list.
fn word(rng: &mut impl Rng, list: &'static str) -> &'static str {
    let count = list.split(' ').count();
    list.split(' ').nth(rng.random_range(0..count)).unwrap_or(list)
}

/// Name of a person.
pub fn person(rng: &mut impl Rng, male: bool) -> String {
    let given = word(rng, if male { MALE } else { FEMALE });
    format!("{}{given}", word(rng, SURNAMES))
}

/// Name of a unit, with the street it is in.
pub fn unit(rng: &mut impl Rng, category: usize, index: usize, street: &str) -> String {
    let brands = BRANDS.split(' ').count();
    let brand = BRANDS.split(' ').nth((index * 7 + category) % brands).unwrap_or(BRANDS);
    let trade = one_of(rng, TRADES[category].0).replace('□', brand);
    let place = street.trim_end_matches("街道").trim_end_matches('镇').trim_end_matches('乡');
    format!("{trade}（{place}）")
}

/// Name of a service.
pub fn service(rng: &mut impl Rng, category: usize, ordinal: usize) -> &'static str {
    let offers = TRADES[category].1;
    offers[(ordinal + rng.random_range(0..2)) % offers.len()]
}

/// Road and number in a street.
pub fn road(rng: &mut impl Rng) -> String {
    format!("{}{}号", word(rng, ROADS), rng.random_range(1..2600))
}

/// A business area.
pub fn area(rng: &mut impl Rng) -> &'static str {
    one_of(rng, &AREAS)
}
