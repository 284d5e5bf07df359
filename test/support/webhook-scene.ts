import { WebhookDeliveryService } from '../../libs/community/webhooks/webhook-delivery.service.js';
import { WebhooksService, type NewWebhook } from '../../libs/community/webhooks/webhooks.service.js';
import { RoomScene } from './room-scene.js';
import { eachWithCommunity, type Community, type Member } from './scratch-community.js';
import { WebhookReceiver } from './webhook-receiver.js';

/** A community, a room with somebody in it, and a program that webhooks tell. */
export class WebhookScene {
  private constructor(
    readonly community: Community,
    readonly scene: RoomScene,
    readonly ann: Member,
    public bot: WebhookReceiver,
  ) {}

  static async of(community: Community): Promise<WebhookScene> {
    const bot = await WebhookReceiver.open();
    const scene = await RoomScene.of(community, 'told');
    return new WebhookScene(community, scene, await scene.member('ann'), bot);
  }

  /** Another program, at another address. */
  async nextBot(): Promise<WebhookReceiver> {
    await this.bot.close();
    return (this.bot = await WebhookReceiver.open());
  }

  webhooks = () => this.community.service(WebhooksService);
  make = (over: Partial<NewWebhook> = {}) =>
    this.webhooks().create(this.community.operator, {
      name: 'bot',
      url: this.bot.url,
      events: ['*'],
      ...over,
    });
  /** All that can be told at this moment. */
  deliver = () => this.community.service(WebhookDeliveryService).run(new AbortController().signal, 0);
  deliveries = (id: number) => this.webhooks().deliveries(id, { limit: 1_000 });
  /** The same, when all of it has to go well. */
  deliverAll = async (id: number): Promise<void> => {
    await this.deliver();
    expect(await this.webhooks().deliveries(id, { state: 'waiting', limit: 1 })).toEqual([]);
  };
}

/** One of its own for every `it` of the suite that calls this. */
export function eachWithWebhooks(): () => WebhookScene {
  const community = eachWithCommunity({
    config: { rateLimit: { posts: 0, windowSeconds: 1 }, webhookPrivateAddresses: true },
  });
  let scene: WebhookScene;
  beforeEach(async () => {
    scene = await WebhookScene.of(community());
  });
  afterEach(() => scene.bot.close());
  return () => scene;
}
