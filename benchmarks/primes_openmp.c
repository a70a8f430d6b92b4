/* The loop of the workload `primes` in C with OpenMP: what compiled code can reach on this machine.
   primes_openmp THREADS PASSES TASKS SIZE prints the seconds of each pass. */
#include <omp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST 10000000

static int64_t count_primes(int64_t begin, int64_t end) {
    int64_t found = 0;
    for (int64_t n = begin; n < end; n++) {
        int64_t d = 2;
        while (d * d <= n && n % d != 0) d++;
        found += d * d > n;
    }
    return found;
}

int main(int count, char **words) {
    if (count != 5) return 2;
    int64_t passes = atoll(words[2]), tasks = atoll(words[3]), size = atoll(words[4]), total = 0;
    omp_set_num_threads(atoi(words[1]));
    for (int64_t pass = -1; pass < passes; pass++) { /* the first one warms up */
        double begin = omp_get_wtime();
        #pragma omp parallel for reduction(+ : total) schedule(dynamic, 1)
        for (int64_t task = 0; task < tasks; task++)
            total += count_primes(FIRST + task * size, FIRST + (task + 1) * size);
        if (pass >= 0) printf("%.9f\n", omp_get_wtime() - begin);
    }
    fprintf(stderr, "%lld\n", (long long)total); /* so that nothing is optimised away */
    return 0;
}
