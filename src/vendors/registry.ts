import { huawei } from './huawei/index.ts';
import type { VendorModule } from './kit/index.ts';
import { miralix } from './miralix/index.ts';
import { tencent } from './tencent/index.ts';
import { uptivity } from './uptivity/index.ts';

/** Every vendor that Tapegraph speaks. A new one is its folder and a line here. */
export const vendorModules: readonly VendorModule[] = [uptivity, huawei, tencent, miralix];
