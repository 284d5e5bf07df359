import { Anchor } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { Link, Redirect, Route, Switch } from 'wouter';
import { Shell } from './layout/shell.jsx';
import { LiveUpdates } from './live/live-updates.jsx';
import { PageHead } from './parts/page-head.jsx';
import { EmptyState, LoadingState } from './parts/states.jsx';
import { BansPage } from './pages/people/bans-page.jsx';
import { UserPage } from './pages/people/user-page.jsx';
import { UsersPage } from './pages/people/users-page.jsx';
import { RoomPage } from './pages/room/room-page.jsx';
import { RoomsPage } from './pages/rooms/rooms-page.jsx';
import { ServerRulesPage } from './pages/rules/server-rules-page.jsx';
import { FilesPage } from './pages/server/files-page.jsx';
import { JobsPage } from './pages/server/jobs-page.jsx';
import { LogPage } from './pages/server/log-page.jsx';
import { TokensPage } from './pages/server/tokens-page.jsx';
import { WebhooksPage } from './pages/server/webhooks-page.jsx';

/** Charts are half of the code, and only seen there. */
const OverviewPage = lazy(async () => ({
  default: (await import('./pages/overview/overview-page.jsx')).OverviewPage,
}));

export function ConsolePages() {
  return (
    <LiveUpdates>
      <Shell>
        <Suspense fallback={<LoadingState />}>
          <Switch>
            <Route path="/" component={OverviewPage} />
            <Route path="/login">
              <Redirect to="/" replace />
            </Route>
            <Route path="/rooms" component={RoomsPage} />
            <Route path="/rooms/:room/:tab?">
              {({ room, tab }) => <RoomPage key={room} room={room} tab={tab} />}
            </Route>
            <Route path="/users" component={UsersPage} />
            <Route path="/users/:id">{({ id }) => <UserPage key={id} sessionId={id} />}</Route>
            <Route path="/bans" component={BansPage} />
            <Route path="/rules/:tab?">{({ tab }) => <ServerRulesPage tab={tab} />}</Route>
            <Route path="/log" component={LogPage} />
            <Route path="/files" component={FilesPage} />
            <Route path="/jobs" component={JobsPage} />
            <Route path="/tokens" component={TokensPage} />
            <Route path="/webhooks" component={WebhooksPage} />
            <Route component={NoSuchPage} />
          </Switch>
        </Suspense>
      </Shell>
    </LiveUpdates>
  );
}

function NoSuchPage() {
  return (
    <>
      <PageHead title="No such page" />
      <EmptyState title="There is nothing at this address">
        <Anchor component={Link} href="/">
          Go to the overview
        </Anchor>
      </EmptyState>
    </>
  );
}
