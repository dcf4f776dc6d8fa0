// Only the parts of ECharts the tiles draw with.
import { LineChart, MapChart } from 'echarts/charts'
import { GridComponent, TooltipComponent } from 'echarts/components'
import * as core from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'

core.use([LineChart, MapChart, GridComponent, TooltipComponent, CanvasRenderer])

export { core as echarts }
