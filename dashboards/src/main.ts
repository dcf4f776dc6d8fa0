// Start of the browser app: theme, session, routes.

import { createApp } from 'vue'
import App from './App.vue'
import { router, toLogin } from './router'
import { restoreSession } from './session/session'
import './theme/tokens.css'
import './theme/base.css'
import './theme/controls.css'
import './theme/print.css'

// Not before it is known whether another tab is logged in: the first page would be the log-in.
void restoreSession(toLogin).then(() => createApp(App).use(router).mount('#app'))
