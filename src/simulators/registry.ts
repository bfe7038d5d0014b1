import { huaweiDemo } from './huawei/index.ts';
import type { DemoVendor } from './kit/demo.ts';
import { miralixDemo } from './miralix/index.ts';
import { tencentDemo } from './tencent/index.ts';
import { uptivityDemo } from './uptivity/index.ts';

/** The simulated vendors that the demo starts. */
export const demoVendors: readonly DemoVendor[] = [uptivityDemo, huaweiDemo, miralixDemo, tencentDemo];
