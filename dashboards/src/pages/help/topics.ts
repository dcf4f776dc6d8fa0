// The short help: what each page is for and how to do what is done most. A topic is shown to whoever may open its page.

import { WHO_GRANTS, WHO_RUNS } from '@/ui/whom'

export interface Topic { id: string; title: string; permission?: string; path?: string; points: string[] }

export const TOPICS: Topic[] = [
  {
    id: 'board', title: '看板', permission: 'board_view', path: '/boards',
    points: [
      '上方选月份、区和其他条件；所选都在网址里，可以收藏或发给同事。',
      '指标名右侧的 ⓘ 是口径：怎样算、什么时候算、按什么统计。',
      '▲▼ 是变化的方向，颜色是好坏，数字是幅度；率的变化用百分点。“—”是没有数字，会写明原因。',
      '未完的月份标“截至某日”，同比、环比只比到最近一个完整日。',
      '点地图或排名里的区进入该区，点上方“全市”返回。“大屏”用于挂墙显示，“退出大屏”或浏览器后退回来。',
    ],
  },
  {
    id: 'portal', title: '业务数据', permission: 'resource_read', path: '/portal',
    points: [
      '查找、筛选、排序、翻页都在网址里；打开一条后“返回列表”回到原来的位置。',
      '键盘：/ 查找，↑↓ 选择，Enter 打开，n 新增。',
      '填到一半离开，内容保留在本浏览器标签页，回来可继续；别人先改了同一条，会逐项让您选择。',
      '“导入”接受 CSV：先下载模板，选文件后先预览；合格的行入库，不合格的行可下载，改好再导。',
      '已确认的记录不能直接修改或删除：按页面提示冲正，或提交变更申请。每一步都记在“变更记录”里。',
      '个人信息显示为掩码；用完整号码可以查到本人。',
    ],
  },
  {
    id: 'feeds', title: '数据接入', permission: 'feed_view', path: '/feeds',
    points: [
      '每个来源收到多少行、入库多少、合并多少、隔离多少，加起来相等。',
      '不合约定的行先隔离：按原因筛选，下载后请对方更正；修好引用或代码表后可以重放。',
    ],
  },
  { id: 'reports', title: '报表', permission: 'report_view', path: '/reports', points: ['每月自动生成，送到各人的收件箱；只含自己数据范围内的数字。', '“立即生成”选一个月份重新做一份。'] },
  { id: 'sql', title: 'SQL 查询', permission: 'sql_query', path: '/sql', points: ['只读，只含您数据范围内的行；左侧表目录里有每张表的示例。', 'Ctrl + Enter 运行，输入中文列名会自动补全成列。'] },
  { id: 'access', title: '权限说明', permission: 'access_explain', path: '/access', points: ['回答“为什么这个账号看得到或看不到这一行”，不显示数据。', '“以他人身份查看”只读，记入审计，从顶部横条结束。'] },
  { id: 'accounts', title: '账号', permission: 'account_manage', path: '/accounts', points: ['查看账号的角色、数据范围和最近登录。增改账号在服务器上用 pujiang account 办理。'] },
  { id: 'logs', title: '审计日志', permission: 'audit_read', path: '/logs', points: ['按人、操作、对象、结果和日期查；查日志本身也留一条。', '日志是一条哈希链，在服务器上用 pujiang audit verify 核对有没有被改动。'] },
  {
    id: 'account', title: '账号与登录',
    points: [
      '右上角（手机上是人形图标）可修改密码、退出登录。同一浏览器新开标签页不用再登录；在一个标签页退出，所有标签页都退出；关掉最后一个标签页也就退出了。',
      `连续输错 5 次密码锁定 15 分钟。忘记密码请联系${WHO_GRANTS}。`,
      `缺少权限或数据范围，请联系${WHO_GRANTS}；系统出错，请把错误代码或编号告诉${WHO_RUNS}。`,
    ],
  },
]
