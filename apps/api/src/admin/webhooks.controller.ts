import { Delete, Get, Patch, Post, Req, Res } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { z } from 'zod';
import { includes, roleIn, type Principal } from '../../../../libs/community/admin/principal.js';
import { PrincipalsService, requireEverywhere } from '../../../../libs/community/admin/principals.service.js';
import { WebhooksService, type Webhook } from '../../../../libs/community/webhooks/webhooks.service.js';
import { AdminController, Conditional, Repeatable } from './admin-controller.js';
import { Answers, AnswersNothing, Refuses } from './answers.js';
import { Etags } from './etags.js';
import type { AdminReply, AdminRequest } from './exchange.js';
import { JsonBody, PathOf, QueryOf } from './input.js';
import { Asker, Needs } from './needs.js';
import { idPlace, pageFrom, pageOf, pageQuery, readCursor, type Page } from './paging.js';
import { noSuch } from './problem.js';
import { rowId } from './schemas/parts.schema.js';
import {
  attemptResource,
  createdWebhook,
  deliveryQuery,
  deliveryResource,
  newWebhook,
  rotatedSecret,
  showAttempt,
  showDelivery,
  showWebhook,
  webhookPatch,
  webhookResource,
} from './schemas/webhook.schema.js';

type Shown = z.infer<typeof webhookResource>;
const WebhookId = (): ParameterDecorator => PathOf('id', rowId, 'Id of the webhook');
const PRECONDITIONS = { 412: 'Somebody else has changed it', 428: 'If-Match is missing' };

@AdminController('webhooks', 'webhooks')
export class WebhooksController {
  constructor(
    private readonly principals: PrincipalsService,
    private readonly webhooks: WebhooksService,
    private readonly etags: Etags,
  ) {}

  @Get()
  @Needs('admin', 'anywhere')
  @ApiOperation({ summary: 'Webhooks of your rooms, and of the server, oldest first' })
  @Answers(200, 'Webhooks', pageOf(webhookResource))
  async list(
    @Asker() principal: Principal,
    @QueryOf(pageQuery) { limit, cursor }: z.infer<typeof pageQuery>,
  ): Promise<Page<Shown>> {
    const after = readCursor(idPlace, cursor)?.id ?? 0;
    const all = await this.webhooks.list();
    const rows = all.filter((webhook) => webhook.id > after && maySee(principal, webhook));
    return pageFrom(rows, limit, { show: showWebhook, placeOf: ({ id }) => ({ id }) });
  }

  @Post()
  @Needs('admin', 'anywhere')
  @ApiOperation({ summary: 'Make a webhook, of a room or of the server' })
  @Answers(201, 'The webhook, with its secret', createdWebhook)
  @Refuses({ 404: 'There is no such room', 409: 'There are too many' })
  async create(
    @Asker() principal: Principal,
    @JsonBody(newWebhook) wish: z.infer<typeof newWebhook>,
    @Res({ passthrough: true }) reply: AdminReply,
  ): Promise<z.infer<typeof createdWebhook>> {
    if (wish.room === undefined) requireEverywhere(principal, 'admin');
    else await this.principals.room(principal, wish.room, 'admin');
    const { webhook, secret } = await this.webhooks.create(principal.actor, wish);
    void reply.header('location', `/admin/v1/webhooks/${webhook.id}`);
    return { ...this.show(webhook, reply), secret };
  }

  @Get(':id')
  @Needs('admin', 'anywhere')
  @ApiOperation({ summary: 'One webhook' })
  @Answers(200, 'The webhook, with its ETag', webhookResource)
  async one(
    @Asker() principal: Principal,
    @WebhookId() id: number,
    @Res({ passthrough: true }) reply: AdminReply,
  ): Promise<Shown> {
    return this.show(await this.seen(principal, id), reply);
  }

  @Patch(':id')
  @Needs('admin', 'anywhere')
  @Conditional()
  @Repeatable()
  @ApiOperation({ summary: 'Change a webhook; what is left out stays' })
  @Answers(200, 'The webhook as it is now', webhookResource)
  @Refuses(PRECONDITIONS)
  async change(
    @Asker() principal: Principal,
    @WebhookId() id: number,
    @JsonBody(webhookPatch) { isPaused, ...patch }: z.infer<typeof webhookPatch>,
    @Req() request: AdminRequest,
    @Res({ passthrough: true }) reply: AdminReply,
  ): Promise<Shown> {
    await this.seen(principal, id);
    const edit = { ...patch, ...(isPaused !== undefined && { paused: isPaused }) };
    return this.show(await this.webhooks.edit(principal.actor, id, edit, this.unchanged(request)), reply);
  }

  @Delete(':id')
  @Needs('admin', 'anywhere')
  @Conditional()
  @Repeatable()
  @ApiOperation({ summary: 'Remove a webhook, with all that waits for it' })
  @AnswersNothing('It is gone')
  @Refuses(PRECONDITIONS)
  async remove(
    @Asker() principal: Principal,
    @WebhookId() id: number,
    @Req() request: AdminRequest,
  ): Promise<void> {
    await this.seen(principal, id);
    await this.webhooks.delete(principal.actor, id, this.unchanged(request));
  }

  @Post(':id/rotate-secret')
  @Needs('admin', 'anywhere')
  @ApiOperation({ summary: 'Make a new secret; for a day deliveries are signed with the old one too' })
  @Answers(200, 'The new secret', rotatedSecret)
  async rotate(
    @Asker() principal: Principal,
    @WebhookId() id: number,
  ): Promise<z.infer<typeof rotatedSecret>> {
    await this.seen(principal, id);
    return { secret: await this.webhooks.rotateSecret(principal.actor, id) };
  }

  @Post(':id/test')
  @Needs('admin', 'anywhere')
  @ApiOperation({ summary: 'Send a ping now, and see what comes of it' })
  @Answers(200, 'What came of it', attemptResource)
  async test(
    @Asker() principal: Principal,
    @WebhookId() id: number,
  ): Promise<z.infer<typeof attemptResource>> {
    await this.seen(principal, id);
    return showAttempt(await this.webhooks.test(id));
  }

  @Get(':id/deliveries')
  @Needs('admin', 'anywhere')
  @ApiOperation({ summary: 'What it was told, and what waits; newest first' })
  @Answers(200, 'Deliveries', pageOf(deliveryResource))
  async deliveries(
    @Asker() principal: Principal,
    @WebhookId() id: number,
    @QueryOf(deliveryQuery) { limit, cursor, state }: z.infer<typeof deliveryQuery>,
  ): Promise<Page<z.infer<typeof deliveryResource>>> {
    await this.seen(principal, id);
    const beforeId = readCursor(idPlace, cursor)?.id;
    const rows = await this.webhooks.deliveries(id, { state, beforeId, limit: limit + 1 });
    return pageFrom(rows, limit, { show: showDelivery, placeOf: (row) => ({ id: row.id }) });
  }

  @Post(':id/deliveries/:deliveryId/retry')
  @Needs('admin', 'anywhere')
  @ApiOperation({ summary: 'Try a dead delivery again' })
  @AnswersNothing('It waits again')
  async retry(
    @Asker() principal: Principal,
    @WebhookId() id: number,
    @PathOf('deliveryId', rowId, 'Id of the delivery') deliveryId: number,
  ): Promise<void> {
    await this.seen(principal, id);
    await this.webhooks.retry(id, deliveryId);
  }

  /** Throws 404 for one that is none of the principal's business, too. */
  private async seen(principal: Principal, id: number): Promise<Webhook> {
    const webhook = await this.webhooks.find(id);
    if (!maySee(principal, webhook)) throw noSuch('webhook');
    return webhook;
  }

  private unchanged(request: AdminRequest): (webhook: Webhook) => void {
    const match = this.etags.demand(request);
    return (webhook) => this.etags.check(match, stateOf(webhook));
  }

  private show(webhook: Webhook, reply: AdminReply): Shown {
    const shown = showWebhook(webhook);
    this.etags.put(reply, stateOf(webhook), shown);
    return shown;
  }
}

const stateOf = ({ id, version }: Webhook): object => ({ id, version });

/** Addresses may have keys in them: they are for admins alone. */
const maySee = (principal: Principal, { roomId }: Webhook): boolean =>
  includes(roomId === null ? principal.global : roleIn(principal, roomId), 'admin');
