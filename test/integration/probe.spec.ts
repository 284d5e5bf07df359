import { NestFactory } from '@nestjs/core';
import { Database } from '../../libs/storage/database.js';
import { CommunityModule } from '../../libs/community/community.module.js';
it('loads', async () => {
  expect(NestFactory).toBeDefined();
  expect(CommunityModule).toBeDefined();
  const d = new Database({ url: 'postgres://localhost:1/x', poolSize: 1, applicationName: 'x' });
  await expect(d.prisma.room.findMany()).rejects.toThrow();
  await d.close();
});
