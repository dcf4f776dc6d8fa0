// Bars, pies and the legend, for charts of query results only: boards do not load them.
import { BarChart, PieChart } from 'echarts/charts'
import { LegendComponent } from 'echarts/components'
import { echarts } from './echarts'

echarts.use([BarChart, PieChart, LegendComponent])
