import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { ConsolePages } from './console-pages.jsx';
import { GuardedRouter } from './layout/guarded-router.jsx';
import { SessionGate } from './session/session-gate.jsx';
import { queryClient } from './query-client.js';
import { styleNonce } from './style-nonce.js';
import { cssVariables, theme } from './theme.js';

const nonce = styleNonce();

export function App() {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <QueryClientProvider client={queryClient}>
        <Notifications position="bottom-right" limit={4} />
        <GuardedRouter base="/admin">
          <SessionGate>
            <ConsolePages />
          </SessionGate>
        </GuardedRouter>
      </QueryClientProvider>
    </MantineProvider>
  );
}
