import { All, Controller } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { ADMIN_PATH } from './admin-path.js';
import { noSuch } from './problem.js';

/** What is below `/admin/v1` and nothing of the API. */
@Controller(ADMIN_PATH)
@ApiExcludeController()
export class UnknownController {
  @All('*')
  refuse(): never {
    throw noSuch('endpoint');
  }
}
